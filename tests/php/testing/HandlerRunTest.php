<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Tests\Testing;

use LogicException;
use Phork\Context;
use Phork\Event\InvalidField;
use Phork\Event\SqsEvent;
use Phork\Testing\HandlerRun;
use Phork\Testing\Samples;
use Phork\Tests\Fixtures\AnyHandler;
use Phork\Worker\InvalidEvent;
use Phork\Worker\InvalidResult;
use Phork\Worker\UnusableEntry;
use PHPUnit\Framework\TestCase;

final class HandlerRunTest extends TestCase
{
    private const QUEUE = __DIR__ . '/../../../examples/queue/worker.php';
    private const CLASS_FILE = __DIR__ . '/../../fixtures/handlers/typed_class.php';

    private string|false $log;

    protected function setUp(): void
    {
        $this->log = ini_set('error_log', '/dev/null');
    }

    protected function tearDown(): void
    {
        ini_set('error_log', (string) $this->log);
    }

    public function testAHandlerAnswersToEverySample(): void
    {
        foreach (Samples::classes() as $name => $class) {
            $event = Samples::event($name);
            $run = HandlerRun::of(static fn (mixed $event): mixed => $event);

            self::assertEquals($event, $run->invoke($event), $name);
            self::assertEquals($event, $run->invoke($class::fromArray($event)), $name);
        }
    }

    public function testTheAnswerIsDecodedAsItsCallerDoesIt(): void
    {
        $answer = HandlerRun::ofFile(self::QUEUE)
            ->invoke(Samples::sqs('{"number": 1, "amounts": [2]}'));

        self::assertSame(['batchItemFailures' => []], $answer);
    }

    public function testAFileThatDeclaresAClassIsLoadedOnce(): void
    {
        $link = sys_get_temp_dir() . '/phork-' . bin2hex(random_bytes(6)) . '.php';
        symlink(self::CLASS_FILE, $link);
        try {
            foreach ([self::CLASS_FILE, $link, self::CLASS_FILE] as $file) {
                $answer = HandlerRun::ofFile($file)->invoke(['a' => 1]);

                self::assertSame(['event' => ['a' => 1], 'remaining' => true], $answer);
            }
        } finally {
            unlink($link);
        }
    }

    public function testAFileThatReturnsTheNameOfAClassGetsANewObjectEachTime(): void
    {
        $file = __DIR__ . '/../../fixtures/handlers/counting_class.php';
        $run = HandlerRun::ofFile($file);

        self::assertSame([1, 2], [$run->invoke(), $run->invoke()]);
        self::assertSame(1, HandlerRun::ofFile($file)->invoke());
    }

    /**
     * @runInSeparateProcess
     * @preserveGlobalState disabled
     */
    public function testAProcessOfItsOwnHasTheFileFresh(): void
    {
        self::assertNotContains(realpath(self::CLASS_FILE), get_included_files());
        self::assertSame([], HandlerRun::ofFile(self::CLASS_FILE)->invoke()['event']);
    }

    public function testWhatAFileThrewIsThrownAgain(): void
    {
        $file = (string) tempnam(sys_get_temp_dir(), 'phork');
        file_put_contents($file, '<?php class Throws {} throw new LogicException("no table");');
        try {
            foreach ([1, 2] as $time) {
                try {
                    HandlerRun::ofFile($file);
                    self::fail("nothing was thrown at time $time");
                } catch (LogicException $thrown) {
                    self::assertSame('no table', $thrown->getMessage());
                }
            }
        } finally {
            unlink($file);
        }
    }

    public function testAFunctionOfAFileIsFound(): void
    {
        $file = (string) tempnam(sys_get_temp_dir(), 'phork');
        file_put_contents($file, '<?php function phork_of_a_test($event) { return $event[0]; }');

        try {
            self::assertSame(7, HandlerRun::ofFile($file, 'phork_of_a_test')->invoke([7]));
        } finally {
            unlink($file);
        }
    }

    public function testTheContextIsAFakeUnlessOneIsGiven(): void
    {
        $run = HandlerRun::of(static fn (mixed $event, Context $context): array => [
            $context->tenantId, $context->rawEvent,
        ]);

        self::assertSame(['', '{"a":"/é"}'], $run->invoke(['a' => '/é']));
        self::assertSame(['blue', ''], $run->invoke([], Context::fake(tenantId: 'blue')));
    }

    public function testClassesAreHandlers(): void
    {
        self::assertSame([[1], ''], HandlerRun::of(AnyHandler::class)->invoke([1]));
    }

    public function testTheHandlersOwnExceptionReachesTheTest(): void
    {
        $this->expectExceptionObject(new LogicException('sold out'));

        HandlerRun::of(static fn () => throw new LogicException('sold out'))->invoke();
    }

    public function testAnEventThatDoesNotFitIsRefused(): void
    {
        $run = HandlerRun::of(static fn (SqsEvent $event): int => 1);

        try {
            $run->invoke(Samples::event('s3'));
            self::fail('nothing was thrown');
        } catch (InvalidEvent $invalid) {
            self::assertInstanceOf(InvalidField::class, $invalid->getPrevious());
        }
    }

    public function testAResultThatIsNoJsonIsRefused(): void
    {
        $this->expectException(InvalidResult::class);
        $this->expectExceptionMessage('result.a is NAN');

        HandlerRun::of(static fn (): array => ['a' => NAN])->invoke();
    }

    public function testAnEntryThatIsNoHandlerIsRefused(): void
    {
        $this->expectException(UnusableEntry::class);

        HandlerRun::of(7);
    }

    public function testAFileThatDoesNotExistIsRefused(): void
    {
        $this->expectExceptionMessage("handler: find '/none.php': no such file");

        HandlerRun::ofFile('/none.php');
    }

    public function testAnApplicationOfAFrameworkIsRefused(): void
    {
        $this->expectExceptionMessage('handler: expected one that takes events, got an');

        HandlerRun::ofFile(__DIR__ . '/../../fixtures/handlers/kernel.php');
    }
}
