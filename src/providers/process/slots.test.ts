import { expect, test } from 'vitest';
import { createSlots } from './slots.ts';

const { signal } = new AbortController();

/** Work that goes on until it is told to end. */
function begin(slots: ReturnType<typeof createSlots>, name: string, began: string[], until = signal) {
  const ending = Promise.withResolvers<string>();
  const done = slots.run(until, () => {
    began.push(name);
    return ending.promise;
  });
  return { done, end: () => ending.resolve(name), fail: (error: Error) => ending.reject(error) };
}

test('no more begins than there is room for, and who came first is next', async () => {
  const slots = createSlots(2);
  const began: string[] = [];
  const [one, two, three, four] = [
    begin(slots, 'one', began),
    begin(slots, 'two', began),
    begin(slots, 'three', began),
    begin(slots, 'four', began),
  ];
  await Promise.resolve();
  expect(began).toEqual(['one', 'two']);
  expect(slots.hasRoom()).toBe(false);
  two.end();
  expect(await two.done).toBe('two');
  expect(began).toEqual(['one', 'two', 'three']);
  one.fail(new Error('no luck'));
  await expect(one.done).rejects.toThrow('no luck');
  expect(began).toEqual(['one', 'two', 'three', 'four']);
  three.end();
  four.end();
  await Promise.all([three.done, four.done]);
  expect(slots.hasRoom()).toBe(true);
  const five = begin(slots, 'five', began);
  const six = begin(slots, 'six', began);
  await Promise.resolve();
  expect(began.slice(4)).toEqual(['five', 'six']);
  five.end();
  six.end();
});

test('who is called off leaves the line at once, and takes no room', async () => {
  const slots = createSlots(1);
  const began: string[] = [];
  const calling = new AbortController();
  const one = begin(slots, 'one', began);
  const two = begin(slots, 'two', began, calling.signal);
  const three = begin(slots, 'three', began);
  const reason = new Error('canceled');
  calling.abort(reason);
  await expect(two.done).rejects.toBe(reason);
  await expect(begin(slots, 'late', began, calling.signal).done).rejects.toBe(reason);
  one.end();
  three.end();
  expect(await three.done).toBe('three');
  expect(began).toEqual(['one', 'three']);
});
