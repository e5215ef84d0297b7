export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

export const isLevel = (text: string): text is Level => (LEVELS as readonly string[]).includes(text);

/** Which lines are written: one level for all, another for single modules. Can be changed at any time. */
export class LevelSwitch {
  #initial: Level;
  #default: Level;
  #modules = new Map<string, Level>();

  constructor(initial: Level) {
    this.#initial = initial;
    this.#default = initial;
  }

  isOn(level: Level, module: string | undefined): boolean {
    const least = (module !== undefined && this.#modules.get(module)) || this.#default;
    return LEVELS.indexOf(level) >= LEVELS.indexOf(least);
  }

  get default(): Level {
    return this.#default;
  }

  /** As if started with this level: what was set by hand for everything is over. */
  restart(initial: Level): void {
    this.#initial = initial;
    this.#default = initial;
  }

  /** Turns debug on for everything, or back off. */
  toggleDebug(): void {
    this.#default = this.#default === 'debug' ? this.#initial : 'debug';
  }

  /**
   * Takes over the text of a control file: a line `LEVEL` for everything, `MODULE=LEVEL` for one module; empty lines and
   * lines that begin with # are left out. An empty text goes back to the level of the start.
   * @returns what could not be read, line by line.
   */
  apply(text: string): string[] {
    const wrong: string[] = [];
    let all = this.#initial;
    const modules = new Map<string, Level>();
    for (const line of text.split('\n').map((it) => it.trim())) {
      if (line === '' || line.startsWith('#')) continue;
      const [left = '', right] = line.split('=').map((it) => it.trim());
      if (right === undefined && isLevel(left)) all = left;
      else if (right !== undefined && left !== '' && isLevel(right)) modules.set(left, right);
      else wrong.push(`${line}: give a level (${LEVELS.join(', ')}) or MODULE=LEVEL`);
    }
    this.#default = all;
    this.#modules = modules;
    return wrong;
  }
}
