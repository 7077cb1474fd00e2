import { describe, expect, it } from 'vitest';
import { SharedAnswers } from '../../../api/shared-answers.js';

function stage({ entriesMax = 10 } = {}) {
  let nowMs = 0;
  let made = 0;
  const answers = new SharedAnswers<number>({ ageMaxMs: 250, patienceMs: 1, demandMs: 1_000, lastMaxMs: 5_000, entriesMax, elapsed: () => nowMs });
  return { answers, next: () => Promise.resolve((made += 1)), pass: (ms: number) => { nowMs += ms; } };
}

describe('answers to the same question', () => {
  it('are shared by everybody who asks while one is being made', async () => {
    const { answers, next, pass } = stage();
    const [one, other] = [answers.to('status', next), answers.to('status', next)];
    pass(10_000);
    const late = answers.to('status', next);
    expect(await Promise.all([one, other, late])).toEqual([1, 1, 1]);
  });

  it('are shared until they are too old', async () => {
    const { answers, next, pass } = stage();
    await answers.to('status', next);
    pass(249);
    expect(await answers.to('status', next)).toBe(1);
    pass(1);
    expect(await answers.to('status', next)).toBe(2);
  });

  it('are never the answers to another question', async () => {
    const { answers, next } = stage();
    expect(await answers.to('/trades?hours=1', next)).toBe(1);
    expect(await answers.to('/trades?hours=2', next)).toBe(2);
  });

  it('are made anew after a failure', async () => {
    const { answers, next } = stage();
    await expect(answers.to('status', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await answers.to('status', next)).toBe(1);
  });

  it('are made anew after a command, also when the old one was still being made', async () => {
    const { answers, next } = stage();
    const before = answers.to('status', next);
    answers.forgetAll();
    const after = answers.to('status', next);
    expect(await Promise.all([before, after])).toEqual([1, 2]);
    expect(await answers.to('status', next)).toBe(2);
  });

  it('in demand are the last one while the next takes long, until that is too old', async () => {
    const { answers, next, pass } = stage();
    await answers.to('status', next);
    pass(999);
    let arrive = (_answer: number): void => undefined;
    const slow = (): Promise<number> => new Promise((resolve) => { arrive = resolve; });
    expect(await answers.to('status', slow)).toBe(1);
    pass(4_001);
    expect(await answers.to('status', next)).toBe(1);
    pass(1);
    const late = answers.to('status', next);
    arrive(7);
    expect(await late).toBe(7);
  });

  it('for one who comes back after a while are always new', async () => {
    const { answers, next, pass } = stage();
    await answers.to('status', next);
    pass(1_000);
    const slow = async (): Promise<number> => {
      // longer than the patience of readers, because only then the last answer would be given
      await new Promise((resolve) => setTimeout(resolve, 20));
      return 7;
    };
    expect(await answers.to('status', slow)).toBe(7);
  });

  it('fail for everybody who waits, also in demand', async () => {
    const { answers, next, pass } = stage();
    await answers.to('status', next);
    pass(500);
    await expect(answers.to('status', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  });

  it('are kept for so many questions only, the oldest goes first', async () => {
    const { answers, next } = stage({ entriesMax: 2 });
    for (const question of ['a', 'b', 'c']) await answers.to(question, next);
    expect(await answers.to('c', next)).toBe(3);
    expect(await answers.to('a', next)).toBe(4);
  });
});
