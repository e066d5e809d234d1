import { expect, test } from 'vitest';
import { cutCues } from './cut-cues.ts';
import { toSrt, toVtt } from './write-captions.ts';

const cues = cutCues([
  { text: 'Short & <sweet> --> yes.', startMs: 61_234.4, endMs: 63_000 },
  { text: 'Send one job over a million rows, and follow every item.', startMs: 3_600_000, endMs: 3_601_999.6 },
]);

test('SubRip has numbers, commas, and lines of about one length', () => {
  expect(toSrt(cues)).toMatchInlineSnapshot(`
    "1
    00:01:01,234 --> 00:01:03,000
    Short & <sweet> --> yes.

    2
    01:00:00,000 --> 01:00:02,000
    Send one job over a million
    rows, and follow every item.
    "
  `);
});

test('WebVTT has a header, points, and no text that could be taken for markup', () => {
  expect(toVtt(cues)).toMatchInlineSnapshot(`
    "WEBVTT

    00:01:01.234 --> 00:01:03.000
    Short &amp; &lt;sweet&gt; --&gt; yes.

    01:00:00.000 --> 01:00:02.000
    Send one job over a million
    rows, and follow every item.
    "
  `);
});
