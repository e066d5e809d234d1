/** How many rows a connection answers when nobody says how many. */
export const defaultPageSize = 20;

export const maxPageSize = 100;
