<?php
// SPDX-License-Identifier: MIT
//
// A sample of each event that Phork\Event knows, for the tests of an application. All values are
// invented; the fields are those that AWS documents.

declare(strict_types=1);

namespace Phork\Testing;

use InvalidArgumentException;
use Phork\Event;

final class Samples
{
    private const CLASSES = [
        'sqs' => Event\SqsEvent::class,
        'sqs-fifo' => Event\SqsEvent::class,
        'sns' => Event\SnsEvent::class,
        's3' => Event\S3Event::class,
        'eventbridge' => Event\EventBridgeEvent::class,
        'scheduled' => Event\ScheduledEvent::class,
        'dynamodb' => Event\DynamoDbEvent::class,
        'kinesis' => Event\KinesisEvent::class,
        'kafka' => Event\KafkaEvent::class,
        'kafka-self-managed' => Event\KafkaEvent::class,
        'ses' => Event\SesEvent::class,
        'cloudwatch-logs' => Event\CloudWatchLogsEvent::class,
        'cognito-pre-sign-up' => Event\CognitoEvent::class,
        'http-v2' => Event\HttpEvent::class,
        'http-v1' => Event\HttpEvent::class,
        'alb' => Event\HttpEvent::class,
        'websocket-connect' => Event\WebSocketEvent::class,
        'websocket-message' => Event\WebSocketEvent::class,
        'websocket-disconnect' => Event\WebSocketEvent::class,
        'authorizer-token' => Event\TokenAuthorizerEvent::class,
        'authorizer-request-v1' => Event\RequestAuthorizerEvent::class,
        'authorizer-request-v2' => Event\RequestAuthorizerEvent::class,
        'step-functions' => Event\StepFunctionsEvent::class,
    ];

    /** @return array<string, class-string<Event\Event>> the event's class, by the sample's name */
    public static function classes(): array
    {
        return self::CLASSES;
    }

    /**
     * @param string $name such as `sqs`, see classes()
     * @param array<mixed> $changes of the event's fields, as array_replace_recursive() takes them:
     *     `['Records' => [['body' => '{}']]]` changes the first record
     * @return array<mixed>
     */
    public static function event(string $name, array $changes = []): array
    {
        if (!isset(self::CLASSES[$name])) {
            $names = implode(', ', array_keys(self::CLASSES));
            throw new InvalidArgumentException("sample '$name': expected one of $names");
        }
        $json = (string) file_get_contents(__DIR__ . "/samples/$name.json");
        /** @var array<mixed> $event */
        $event = json_decode($json, true, flags: JSON_THROW_ON_ERROR);

        return array_replace_recursive($event, $changes);
    }

    /**
     * Messages of a queue, with ids `m-1`, `m-2` and so on.
     * @return array<mixed>
     */
    public static function sqs(string ...$bodies): array
    {
        return self::records('sqs', array_map(static fn (string $body, int $index): array => [
            'messageId' => 'm-' . $index + 1,
            'body' => $body,
            'md5OfBody' => md5($body),
        ], $bodies, array_keys(array_values($bodies))));
    }

    /**
     * An event of several records, each made from the sample's own.
     * @param list<array<mixed>> $changes of each record's fields
     * @return array<mixed>
     */
    public static function records(string $name, array $changes): array
    {
        $event = self::event($name);
        $record = \is_array($event['Records'] ?? null) ? $event['Records'][0] ?? null : null;
        if (!\is_array($record)) {
            throw new InvalidArgumentException("sample '$name': expected one that has Records");
        }

        return ['Records' => array_map(
            static fn (array $own): array => array_replace_recursive($record, $own),
            $changes,
        )];
    }
}
