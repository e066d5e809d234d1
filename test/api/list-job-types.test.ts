import { afterAll, beforeAll, expect, test } from 'vitest';
import { query } from '../support/graphql-context.ts';
import { createTestReader, type TestReader } from '../support/reader.ts';

let reader: TestReader;

beforeAll(async () => {
  reader = await createTestReader();
});
afterAll(() => reader.close());

test('a job type tells its stages, its JSON Schema and an example', async () => {
  const data = await query(
    reader.context,
    '{ jobTypes { name specName title description stages { name kind } optionsSchema itemSchema example } }',
  );
  const { jobTypes } = data as { jobTypes: { name: string }[] }; // As the query says.
  expect(jobTypes.find(({ name }) => name === 'TRANSACTIONS')).toMatchInlineSnapshot(`
    {
      "description": "Books transactions in the ledger in bulk, each exactly once, and sums them up by currency and account.",
      "example": {
        "items": [
          {
            "account": "DE02120300000000202051",
            "amount": "1249.90",
            "currency": "EUR",
            "description": "Standing desk",
            "occurredAt": "2026-03-02T09:30:00Z",
            "reference": "INV-2026-0001",
          },
          {
            "account": "GB33BUKB20201555555555",
            "amount": "-15.00",
            "currency": "GBP",
            "occurredAt": "2026-03-02",
            "reference": "INV-2026-0002",
          },
        ],
        "options": {
          "onDuplicate": "SKIP",
        },
      },
      "itemSchema": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "properties": {
          "account": {
            "description": "Account that the amount is booked on.",
            "maxLength": 200,
            "minLength": 1,
            "type": "string",
            "x-aliases": [
              "Account number",
              "IBAN",
            ],
          },
          "amount": {
            "description": "Exact amount in the currency; negative for a debit.",
            "format": "decimal",
            "type": [
              "string",
              "number",
            ],
          },
          "currency": {
            "description": "ISO 4217 currency code.",
            "type": "string",
            "x-aliases": [
              "Currency code",
            ],
          },
          "description": {
            "description": "Free text.",
            "maxLength": 2000,
            "type": "string",
            "x-aliases": [
              "Memo",
              "Note",
            ],
          },
          "occurredAt": {
            "description": "When the transaction took place.",
            "format": "date-time",
            "type": "string",
            "x-aliases": [
              "Date",
              "Occurred on",
              "Transaction date",
            ],
          },
          "reference": {
            "description": "Name of the transaction, unique in the project.",
            "maxLength": 200,
            "minLength": 1,
            "type": "string",
            "x-aliases": [
              "Ref",
              "Transaction ID",
              "Transaction reference",
            ],
          },
        },
        "required": [
          "reference",
          "account",
          "amount",
          "currency",
          "occurredAt",
        ],
        "type": "object",
      },
      "name": "TRANSACTIONS",
      "optionsSchema": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "properties": {
          "onDuplicate": {
            "default": "SKIP",
            "description": "What happens to an item whose reference is in the ledger already, from another job or from another item of this one: of several items with one new reference the one whose chunk commits first books it; with \`lockKey: "reference"\` it is the first in the source.",
            "enum": [
              "SKIP",
              "FAIL",
              "UPDATE",
            ],
            "type": "string",
            "x-enum-descriptions": {
              "FAIL": "The item is FAILED; the entry stays as it is.",
              "SKIP": "The item is SKIPPED; the entry stays as it is.",
              "UPDATE": "The entry takes the values of the item.",
            },
          },
        },
        "type": "object",
      },
      "specName": "transactions",
      "stages": [
        {
          "kind": "INGEST",
          "name": "INGEST",
        },
        {
          "kind": "ITEMS",
          "name": "VALIDATE",
        },
        {
          "kind": "ITEMS",
          "name": "INSERT",
        },
        {
          "kind": "ONCE",
          "name": "AGGREGATE",
        },
      ],
      "title": "Bulk transactions",
    }
  `);
});
