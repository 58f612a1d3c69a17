<?php
// SPDX-License-Identifier: MIT
//
// Each event class with the sample of its event, and with that sample made wrong.

declare(strict_types=1);

namespace Phork\Tests\Events;

use Generator;
use InvalidArgumentException;
use Phork\Event\Event;
use Phork\Event\InvalidField;
use Phork\Event\RecordsEvent;
use Phork\Testing\Samples;
use PHPUnit\Framework\TestCase;

final class SamplesTest extends TestCase
{
    private const SECRET = 'a payload that no message may have';

    // Objects whose names a user chose, by their paths.
    private const MAPS = '~^(?:Records\[0\]\.(?:messageAttributes|Sns\.MessageAttributes'
        . '|dynamodb\.(?:Keys|NewImage|OldImage|NewImage\.size\.M))'
        . '|records\.orders-0\[0\]\.headers\[\d\]|detail|request\.(?:userAttributes|validationData)'
        . '|headers|multiValueHeaders|queryStringParameters|multiValueQueryStringParameters'
        . '|pathParameters|stageVariables)$~D';

    /** @return Generator<string, array{string, class-string<Event>}> */
    public static function samples(): Generator
    {
        foreach (Samples::classes() as $name => $class) {
            yield $name => [$name, $class];
        }
    }

    /**
     * @dataProvider samples
     * @param class-string<Event> $class
     */
    public function testAnEventKeepsTheArrayThatItIsMadeOf(string $name, string $class): void
    {
        $array = Samples::event($name);
        $event = $class::fromArray($array);

        self::assertInstanceOf($class, $event);
        self::assertSame($array, $event->toArray());
        self::assertSame(json_encode($array), json_encode($event));
    }

    /**
     * Takes away each field in turn. An event either does without it, or names it.
     * @dataProvider samples
     * @param class-string<Event> $class
     */
    public function testAFieldThatIsMissingIsNamed(string $name, string $class): void
    {
        $take = static function (array &$parent, int|string $key): void {
            unset($parent[$key]);
        };

        $refused = $this->refusalsOfEachField($name, $class, $take);

        // The author of a state machine chooses its fields.
        self::assertSame($name === 'step-functions', $refused === 0);
    }

    /**
     * @dataProvider samples
     * @param class-string<Event> $class
     */
    public function testAFieldOfAnotherTypeIsNamed(string $name, string $class): void
    {
        $spoil = static function (array &$parent, int|string $key): void {
            $parent[$key] = \is_string($parent[$key]) ? [self::SECRET] : self::SECRET;
        };

        self::assertGreaterThan(0, $this->refusalsOfEachField($name, $class, $spoil));
    }

    /** @return Generator<string, array{string, class-string<Event>, list<int|string>}> */
    public static function maps(): Generator
    {
        foreach (Samples::classes() as $name => $class) {
            foreach (self::paths(Samples::event($name)) as [$keys, $path, $map]) {
                // An empty one has no value to take for the name 0.
                if (preg_match(self::MAPS, $path) === 1 && $map !== []) {
                    yield "$path of $name" => [$name, $class, $keys];
                }
            }
        }
    }

    /**
     * PHP decodes an object with the one name 0 as a list.
     * @dataProvider maps
     * @param class-string<Event> $class
     * @param list<int|string> $keys of the map
     */
    public function testANameThatAUserChoseMayBeZero(string $name, string $class, array $keys): void
    {
        $event = Samples::event($name);
        $map = &$event;
        foreach ($keys as $key) {
            $map = &$map[$key];
        }
        $map = (object) ['0' => \is_array($map) ? reset($map) : 'a'];
        $array = json_decode((string) json_encode($event), true);

        self::assertSame($array, $class::fromArray($array)->toArray());
    }

    /** @return Generator<string, array{string, class-string<RecordsEvent<object>>}> */
    public static function batches(): Generator
    {
        foreach (Samples::classes() as $name => $class) {
            if (is_subclass_of($class, RecordsEvent::class)) {
                yield $name => [$name, $class];
            }
        }
    }

    /**
     * @dataProvider batches
     * @param class-string<RecordsEvent<object>> $class
     */
    public function testRecordsAreCountedAndIterated(string $name, string $class): void
    {
        $event = $class::fromArray(Samples::records($name, [[], []]));

        self::assertCount(2, $event);
        self::assertSame($event->records, iterator_to_array($event));
    }

    /**
     * @dataProvider batches
     * @param class-string<RecordsEvent<object>> $class
     */
    public function testAnEmptyBatchIsRefused(string $name, string $class): void
    {
        $this->expectExceptionObject(
            new InvalidField('Records', 'at least one record', 'an empty list'),
        );

        $class::fromArray(['Records' => []] + Samples::event($name));
    }

    /**
     * @dataProvider batches
     * @param class-string<RecordsEvent<object>> $class
     */
    public function testAnEventOfAnotherKindIsRefusedByItsSource(string $name, string $class): void
    {
        $record = Samples::event($name)['Records'][0];
        $source = isset($record['EventSource']) ? 'EventSource' : 'eventSource';
        $event = Samples::event($name, ['Records' => [[$source => 'aws:other']]]);

        $this->expectExceptionMessage(
            "Records[0].$source: expected '{$record[$source]}', got another string",
        );

        $class::fromArray($event);
    }

    public function testAnUnknownSampleIsRefusedWithTheKnownOnes(): void
    {
        $this->expectException(InvalidArgumentException::class);
        $this->expectExceptionMessage("sample 'sqr': expected one of sqs, sqs-fifo, sns,");

        Samples::event('sqr');
    }

    public function testASampleWithoutRecordsHasNoBatch(): void
    {
        $this->expectExceptionMessage("sample 'http-v2': expected one that has Records");

        Samples::records('http-v2', [[]]);
    }

    /**
     * @param class-string<Event> $class
     * @param callable(array<mixed>, int|string): void $spoil
     */
    private function refusalsOfEachField(string $name, string $class, callable $spoil): int
    {
        $refused = 0;
        foreach (self::paths(Samples::event($name)) as [$keys, $path]) {
            $event = Samples::event($name);
            $parent = &$event;
            foreach (\array_slice($keys, 0, -1) as $key) {
                $parent = &$parent[$key];
            }
            $spoil($parent, $keys[\count($keys) - 1]);
            unset($parent);
            try {
                $class::fromArray($event);
            } catch (InvalidField $invalid) {
                ++$refused;
                // A list that became an object, or an item of a list, is named with its parent.
                $named = $invalid->path;
                self::assertTrue(
                    str_starts_with($named, $path) || str_starts_with($path, $named),
                    "$path is wrong, and the message is: {$invalid->getMessage()}",
                );
                self::assertStringNotContainsString(self::SECRET, $invalid->getMessage());
            }
        }

        return $refused;
    }

    /**
     * @param array<mixed> $values
     * @param list<int|string> $above
     * @return Generator<array{list<int|string>, string, mixed}> keys, the path as messages write
     *     it, and the value
     */
    private static function paths(array $values, array $above = [], string $path = ''): Generator
    {
        foreach ($values as $key => $value) {
            $own = match (true) {
                \is_int($key) => "{$path}[$key]",
                preg_match('/^[\w-]+$/D', $key) !== 1 => "{$path}[\"$key\"]",
                default => $path === '' ? $key : "$path.$key",
            };
            yield [[...$above, $key], $own, $value];
            if (\is_array($value)) {
                yield from self::paths($value, [...$above, $key], $own);
            }
        }
    }
}
