// The measured process's side: it answers the questions of the program that
// started it, one at a time.
import { whyNotUsed, type Transport } from './transport.js';

/** A process's answer to a question. */
export type Reply =
  { result: unknown } | { notRun: string } | { broke: string };

/** Answers questions, by their names. */
export type Answers = Record<string, (argument: number) => unknown>;

/**
 * Answers questions for as long as the program that started this one runs.
 *
 * @param transport that this process has to use, if that matters.
 * @param prepare is called before the first question.
 */
export async function answerQuestions(
  transport: string | undefined,
  prepare: () => Promise<Answers>,
): Promise<void> {
  process.once('disconnect', () => process.exit());
  const why = transport && whyNotUsed(transport as Transport);
  if (why) {
    reply({ notRun: why });
    return;
  }
  process.once('uncaughtException', (error) => {
    reply({ broke: error.stack ?? String(error) });
  });
  try {
    const answers = await prepare();
    process.on('message', (question: { name: string; argument: number }) => {
      void answer(answers, question);
    });
    reply({ result: null });
  } catch (error) {
    replyTrouble(error);
  }
}

async function answer(
  answers: Answers,
  { name, argument }: { name: string; argument: number },
): Promise<void> {
  try {
    reply({ result: (await answers[name]!(argument)) ?? null });
  } catch (error) {
    replyTrouble(error);
  }
}

function replyTrouble(error: unknown): void {
  const { code, message, stack } = error as NodeJS.ErrnoException;
  reply(
    code === 'ERR_MODULE_NOT_FOUND'
      ? { notRun: message.split(' imported from ', 1)[0]! }
      : { broke: stack ?? message },
  );
}

function reply(message: Reply): void {
  process.send?.(message);
}
