/** The id of a spreadsheet, given as such or as the URL that a browser shows; null for anything else. */
export function findSpreadsheetId(text: string): string | null {
  const given = text.trim();
  if (isId(given)) return given;
  const url = URL.parse(given);
  if (url?.protocol !== 'https:' || url.hostname !== 'docs.google.com') return null;
  // With several accounts in one browser, /u/1 stands in between. What is published under /d/e/ has an id of its own.
  const [, id = ''] = /^\/spreadsheets\/(?:u\/\d+\/)?d\/([^/]+)/.exec(url.pathname) ?? [];
  return isId(id) ? id : null;
}

/** Google's are 44 characters; that is not promised anywhere. */
function isId(text: string): boolean {
  return /^[\w-]{10,200}$/.test(text);
}
