/**
 * Answers come in the order of their requests, whenever each of them is known.
 */
import t from 'tap';
import { ReplyOrder } from '../../hypervisor/controller/reply-order.ts';

function connection() {
  const said: string[] = [];
  const answers = new ReplyOrder({ send: ({ xid }) => void said.push(`answer ${xid}`) });
  const begin = (name: string) =>
    answers.begin({ refuse: ({ errorCode }) => void said.push(`error ${errorCode} of ${name}`) });
  const now = (text: string): void => answers.now(() => void said.push(text));
  return { said, answers, begin, now };
}

const reply = (xid: number) => ({ type: 'barrierReply', xid }) as const;
const error = { errorType: 5, errorCode: 1 };

t.test('what waits for nothing is said at once', async (t) => {
  const { said, answers, now } = connection();
  now('one');
  t.strictSame([said, answers.length], [['one'], 0]);
});

t.test('the later request is answered later, though it was ready first', async (t) => {
  const { said, answers, begin, now } = connection();
  const [first, second] = [begin('first'), begin('second')];
  now('third');
  second.answer(reply(2));
  second.end();
  t.strictSame(said, []);
  first.answer(reply(1));
  t.strictSame(said, ['answer 1'], 'it may say more');
  first.refuse(error);
  first.end();
  t.strictSame(said, ['answer 1', 'error 1 of first', 'answer 2', 'third']);
  t.equal(answers.length, 0);
});

t.test('a place that ends without a word holds nobody', async (t) => {
  const { said, begin, now } = connection();
  const first = begin('first');
  now('second');
  first.end();
  t.strictSame(said, ['second']);
});

t.test('a refusal that comes when its place is given up is said at once', async (t) => {
  const { said, begin } = connection();
  const late = begin('late');
  late.end();
  const next = begin('next');
  late.refuse(error);
  next.answer(reply(2));
  t.strictSame(said, ['error 1 of late', 'answer 2']);
});

t.test('what begins when its turn is, and ends later, holds those behind it', async (t) => {
  const { said, begin, now } = connection();
  const [first, second] = [begin('first'), begin('second')];
  second.say(() => void said.push('begins'));
  now('third');
  first.end();
  t.strictSame(said, ['begins']);
  second.end();
  t.strictSame(said, ['begins', 'third']);
});

t.test('a connection that is gone: what waits ends, and answers are for nobody', async (t) => {
  const { said, answers, begin } = connection();
  const [first, second] = [begin('first'), begin('second')];
  second.answer(reply(2));
  second.say(() => void said.push('releases what it held'));
  answers.drop();
  first.answer(reply(1));
  first.say(() => void said.push('releases, too'));
  t.strictSame(said, ['releases what it held', 'releases, too']);
});
