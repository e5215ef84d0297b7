/** The commands that the README has for a first look, without those that choose the demo's cluster. */
export function firstLook(readme: string): string[] {
  const [, block] = /Now on your own:\s*```\n([\s\S]*?)```/.exec(readme) ?? [];
  if (block === undefined) throw new Error('the README has no commands after "Now on your own:"');
  return block.split('\n').filter((line) => line !== '' && !/^(export|alias) /.test(line));
}
