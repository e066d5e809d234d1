export interface Load {
  items: number;
  /** Size of an item as JSON; 0 for the shortest, about 22. */
  itemBytes: number;
}

/** Something that takes items in, works them off and stores a result for each. */
export interface Contender {
  name: string;
  /** Share of the items that it gets: less where all would take minutes. */
  share: number;
  /** Milliseconds from the first item to the last stored result. */
  run(load: Load): Promise<number>;
}
