/** How far a sheet has been told what became of its rows. */
export interface WriteBackCursor {
  /** The next row of the tab, from 0. */
  row: number;
  /** The item that belongs to the next row that is not empty. */
  index: number;
  /** Rows that were written. */
  written: number;
  /** Rows that are no longer those that their items came from: nothing was written to them. */
  conflicts: number;
  /** The first of them, as the sheet numbers its rows. */
  conflictRows: number[];
}
