// A process that only tells whether its transport is available.
import { answerQuestions } from '../support/asked.js';

await answerQuestions(process.argv[2], () => Promise.resolve({}));
