const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The id of a stored upload or template, from that or from the one that clients see; null for anything else. */
function findLocalId(type: string, text: string): string | null {
  const decoded = Buffer.from(text, 'base64').toString();
  const id = decoded.startsWith(`${type}:`) ? decoded.slice(type.length + 1) : text.trim();
  return uuid.test(id) ? id.toLowerCase() : null;
}

export const findUploadId = (text: string): string | null => findLocalId('Upload', text);
export const findTemplateId = (text: string): string | null => findLocalId('Template', text);
