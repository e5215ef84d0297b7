/** The little of it that is used. */
declare module 'highs' {
  interface Highs {
    /** Solves a program in CPLEX's LP format. */
    solve(program: string): { Status: string; ObjectiveValue: number };
  }
  const load: () => Promise<Highs>;
  export default load;
}
