<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Tests\Events;

use Phork\Event\Fields;
use Phork\Event\InvalidField;
use PHPUnit\Framework\TestCase;

final class FieldsTest extends TestCase
{
    private const EVENT = [
        'text' => 'secret',
        'whole' => 7,
        'broken' => 7.5,
        'yes' => true,
        'null' => null,
        'list' => ['a', 1],
        'objects' => [['a' => 1], 'secret'],
        'object' => ['in' => ['list' => [['a' => null]]], 'a b' => 1, 'lists' => [[1]]],
        'empty' => [],
        'digits' => '-12',
        'json' => '{"a": [1]}',
        'wrong json' => '{"secret',
        'no object' => '"secret"',
    ];

    /** @return iterable<string, array{callable(Fields): mixed, string}> */
    public static function wrong(): iterable
    {
        yield 'absent' => [
            static fn (Fields $f): mixed => $f->string('nope'),
            'nope: expected a string, got nothing',
        ];
        yield 'null' => [
            static fn (Fields $f): mixed => $f->string('null'),
            'null: expected a string, got null',
        ];
        yield 'number for a string' => [
            static fn (Fields $f): mixed => $f->optionalString('whole'),
            'whole: expected a string, got a number',
        ];
        yield 'float for an integer' => [
            static fn (Fields $f): mixed => $f->int('broken'),
            'broken: expected an integer, got a number',
        ];
        yield 'string for an integer' => [
            static fn (Fields $f): mixed => $f->int('digits'),
            'digits: expected an integer, got a string',
        ];
        yield 'text for digits' => [
            static fn (Fields $f): mixed => $f->intInString('text'),
            'text: expected an integer in a string, got another string',
        ];
        yield 'string for a number' => [
            static fn (Fields $f): mixed => $f->number('text'),
            'text: expected a number, got a string',
        ];
        yield 'number for a boolean' => [
            static fn (Fields $f): mixed => $f->bool('whole'),
            'whole: expected true or false, got a number',
        ];
        yield 'list for an object' => [
            static fn (Fields $f): mixed => $f->object('list'),
            'list: expected an object, got a list',
        ];
        yield 'list for an object in a list' => [
            static fn (Fields $f): mixed => $f->object('object')->objects('lists'),
            'object.lists[0]: expected an object, got a list',
        ];
        yield 'string for a map' => [
            static fn (Fields $f): mixed => $f->map('text'),
            'text: expected an object, got a string',
        ];
        yield 'string in a list of maps' => [
            static fn (Fields $f): mixed => $f->maps('objects'),
            'objects[1]: expected an object, got a string',
        ];
        yield 'object for a list' => [
            static fn (Fields $f): mixed => $f->list('object'),
            'object: expected a list, got an object',
        ];
        yield 'number in a list of strings' => [
            static fn (Fields $f): mixed => $f->strings('list'),
            'list[1]: expected a string, got a number',
        ];
        yield 'string in a list of objects' => [
            static fn (Fields $f): mixed => $f->objects('objects'),
            'objects[1]: expected an object, got a string',
        ];
        yield 'deep' => [
            static fn (Fields $f): mixed => $f->object('object')->object('in')->objects('list')[0]
                ->string('a'),
            'object.in.list[0].a: expected a string, got null',
        ];
        yield 'a key with a blank' => [
            static fn (Fields $f): mixed => $f->object('object')->string('a b'),
            'object["a b"]: expected a string, got a number',
        ];
        yield 'no base64' => [
            static fn (Fields $f): mixed => $f->base64('json'),
            'json: expected base64, got another string',
        ];
        yield 'no JSON' => [
            static fn (Fields $f): mixed => $f->json('wrong json'),
            '["wrong json"]: expected JSON of an object or list, got control character error, '
                . 'possibly incorrectly encoded in 8 bytes',
        ];
        yield 'JSON of a string' => [
            static fn (Fields $f): mixed => $f->json('no object'),
            '["no object"]: expected JSON of an object or list, got JSON of a string',
        ];
        yield 'none of the choices' => [
            static fn (Fields $f): mixed => $f->oneOf('text', ['a', 'b']),
            "text: expected 'a' or 'b', got another string",
        ];
    }

    /**
     * @dataProvider wrong
     * @param callable(Fields): mixed $read
     */
    public function testAWrongFieldIsNamedByItsPathWithoutItsValue(
        callable $read,
        string $message,
    ): void {
        try {
            $read(Fields::of(self::EVENT));
            self::fail('nothing was thrown');
        } catch (InvalidField $invalid) {
            self::assertSame($message, $invalid->getMessage());
            self::assertStringNotContainsString('secret', $invalid->got);
        }
    }

    public function testAMapMayHaveTheKeysOfAList(): void
    {
        $fields = Fields::of((array) json_decode(
            '{"texts": {"0": "a", "1": null}, "lists": {"0": ["b"]}, "objects": {"0": {"c": 1}},'
                . ' "maps": [{"0": "d"}]}',
            true,
        ));

        self::assertSame('a', $fields->map('texts')->string('0'));
        self::assertSame(['0', '1'], $fields->map('texts')->keys());
        self::assertSame([0 => 'a'], $fields->stringsByKey('texts'));
        self::assertSame([0 => ['b']], $fields->listsByKey('lists'));
        self::assertSame(1, $fields->objectsByKey('objects')[0]->int('c'));
        self::assertSame('d', $fields->maps('maps')[0]->string('0'));
    }

    public function testALongKeyIsCut(): void
    {
        $this->expectExceptionMessage('["' . str_repeat('k', 64) . '"]: expected a string');

        Fields::of([])->string(str_repeat('k', 1000));
    }

    public function testFieldsHaveTheirTypes(): void
    {
        $fields = Fields::of(self::EVENT);

        self::assertSame('secret', $fields->string('text'));
        self::assertSame([7, 7.0, 7.5], [
            $fields->int('whole'), $fields->number('whole'), $fields->number('broken'),
        ]);
        self::assertTrue($fields->bool('yes'));
        self::assertSame(-12, $fields->intInString('digits'));
        self::assertSame(['a' => [1]], $fields->json('json'));
        self::assertSame([], $fields->object('empty')->toArray());
        self::assertSame([], $fields->list('empty'));
        self::assertSame('b', $fields->object('empty')->optionalString('a') ?? 'b');
    }

    public function testOptionalFieldsMayBeAbsentOrNull(): void
    {
        $fields = Fields::of(self::EVENT);

        foreach (['null', 'nope'] as $key) {
            self::assertFalse($fields->has($key));
            self::assertNull($fields->optionalString($key));
            self::assertNull($fields->optionalInt($key));
            self::assertNull($fields->optionalBool($key));
            self::assertNull($fields->optionalObject($key));
            self::assertNull($fields->optionalMap($key));
            self::assertSame([], $fields->strings($key));
            self::assertSame([], $fields->stringsByKey($key));
            self::assertSame([], $fields->listsByKey($key));
            self::assertSame([], $fields->objectsByKey($key));
        }
    }
}
