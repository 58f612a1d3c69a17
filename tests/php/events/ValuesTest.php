<?php
// SPDX-License-Identifier: MIT
//
// The values that event classes decode.

declare(strict_types=1);

namespace Phork\Tests\Events;

use Phork\Event\CloudWatchLogsEvent;
use Phork\Event\CognitoEvent;
use Phork\Event\DynamoDbEvent;
use Phork\Event\Event;
use Phork\Event\EventBridgeEvent;
use Phork\Event\InvalidField;
use Phork\Event\KafkaEvent;
use Phork\Event\KinesisEvent;
use Phork\Event\S3Event;
use Phork\Event\ScheduledEvent;
use Phork\Event\SesEvent;
use Phork\Event\SnsEvent;
use Phork\Event\SqsEvent;
use Phork\Event\StepFunctionsEvent;
use Phork\Testing\Samples;
use PHPUnit\Framework\TestCase;

final class ValuesTest extends TestCase
{
    public function testSqs(): void
    {
        $record = SqsEvent::fromArray(Samples::event('sqs', ['Records' => [['messageAttributes' => [
            'mark' => ['binaryValue' => 'AAEC', 'dataType' => 'Binary.png'],
        ]]]]))->records[0];

        self::assertSame(['number' => 1, 'amounts' => [12.5, 3]], $record->json());
        self::assertSame(['shop' => 'paris', 'mark' => "\0\1\2"], $record->messageAttributes);
        self::assertSame([1, null, 'orders'], [
            $record->receiveCount, $record->groupId, $record->queueName(),
        ]);
        self::assertFalse($record->isFifo());
        self::assertSame('2018-12-17T21:37:29.183', $record->sentAt()->format('Y-m-d\TH:i:s.v'));
    }

    public function testTheBodyOfAMessageThatIsNoJsonIsNamedAndNotShown(): void
    {
        $record = SqsEvent::fromArray(Samples::sqs('{}', 'secret'))->records[1];

        $this->expectExceptionObject(new InvalidField(
            'Records[1].body',
            'JSON of an object or list',
            'syntax error in 6 bytes',
        ));

        $record->json();
    }

    public function testSns(): void
    {
        $record = SnsEvent::fromArray(Samples::event('sns'))->records[0];

        self::assertSame(['level' => 'high', 'mark' => "\0\1\2"], $record->attributes);
        self::assertSame(['disk' => 'full'], $record->json());
        self::assertSame('Disk', $record->subject);
        self::assertSame(1546433107, $record->timestamp->getTimestamp());
    }

    public function testTheKeyOfAnS3ObjectIsDecoded(): void
    {
        $record = S3Event::fromArray(Samples::event('s3'))->records[0];

        self::assertSame('summer/the béach.jpg', $record->key);
        self::assertSame(['photos', 1305107], [$record->bucket, $record->size]);
        self::assertTrue($record->isCreated());
        self::assertFalse($record->isRemoved());
    }

    public function testEventBridge(): void
    {
        $event = EventBridgeEvent::fromArray(Samples::event('eventbridge'));

        self::assertSame('terminated', $event->detail->string('state'));
        $this->expectExceptionMessage('detail.pid: expected an integer, got nothing');
        $event->detail->int('pid');
    }

    public function testScheduleOfARuleAndOfTheScheduler(): void
    {
        $scheduler = [
            'source' => 'aws.scheduler',
            'resources' => ['arn:aws:scheduler:eu-west-1:123456789012:schedule/default/hourly'],
            'detail' => '{}',
        ];

        $names = array_map(
            static fn (array $changes): string => ScheduledEvent::fromArray(
                $changes + Samples::event('scheduled'),
            )->scheduleName(),
            [[], $scheduler],
        );

        self::assertSame(['nightly', 'hourly'], $names);
    }

    public function testATimeThatIsNoneIsRefused(): void
    {
        $this->expectExceptionMessage('time: expected a time of RFC 3339, got another string');

        ScheduledEvent::fromArray(Samples::event('scheduled', ['time' => 'tomorrow']));
    }

    public function testAttributesOfDynamoDbAreValuesOfPhp(): void
    {
        $big = ['big' => ['NS' => ['1', '12345678901234567890123']]];
        $record = DynamoDbEvent::fromArray(Samples::event('dynamodb', [
            'Records' => [['dynamodb' => ['NewImage' => $big]]],
        ]))->records[0];

        self::assertSame(['id' => 101], $record->keys);
        self::assertSame([
            'id' => 101,
            'name' => 'lamp',
            'price' => '12.50',
            'tags' => ['blue', 'new'],
            'size' => ['cm' => [10, 2.5]],
            'sold' => false,
            'note' => null,
            'mark' => "\0\1\2",
            'big' => [1, '12345678901234567890123'],
        ], $record->newImage);
        self::assertSame('products', $record->tableName());
        self::assertFalse($record->isExpiry());
    }

    public function testDynamoDbRemovesAnItemAtItsEnd(): void
    {
        $record = DynamoDbEvent::fromArray(Samples::event('dynamodb', ['Records' => [[
            'eventName' => 'REMOVE',
            'userIdentity' => ['type' => 'Service', 'principalId' => 'dynamodb.amazonaws.com'],
        ]]]))->records[0];

        self::assertTrue($record->isExpiry());
    }

    /** @return iterable<string, array{array<string, mixed>, string}> */
    public static function wrongAttributes(): iterable
    {
        yield 'no number' => [['N' => 'secret'], '.N: expected a number in a string, got another'];
        yield 'no base64' => [['B' => '?'], '.B: expected base64, got another string'];
        yield 'no base64 in a set' => [['BS' => ['AAEC', '?']], '.BS[1]: expected base64, got'];
        yield 'unknown type' => [['X' => 'secret'], ': expected an attribute with one of S, N, B,'];
    }

    /**
     * @dataProvider wrongAttributes
     * @param array<string, mixed> $attribute
     */
    public function testAWrongAttributeIsNamed(array $attribute, string $message): void
    {
        $this->expectExceptionMessage("Records[0].dynamodb.Keys.other$message");

        DynamoDbEvent::fromArray(Samples::event('dynamodb', ['Records' => [['dynamodb' => [
            'Keys' => ['other' => $attribute],
        ]]]]));
    }

    public function testANameMayBeZero(): void
    {
        $read = static fn (string $sample, array $changes): Event =>
            Samples::classes()[$sample]::fromArray($changes + Samples::event($sample));
        $record = static fn (string $sample, array $changes): object =>
            Samples::classes()[$sample]::fromArray(Samples::records($sample, [$changes]))
                ->records[0];
        $image = ['M' => [['L' => [['M' => [['S' => 'x']]]]]]];
        $logs = ['awslogs' => ['data' => base64_encode((string) gzencode('{"messageType":'
            . '"DATA_MESSAGE", "owner": "1", "logGroup": "g", "logStream": "s", "logEvents": [{'
            . '"id": "1", "timestamp": 1, "message": "", "extractedFields": {"0": "x"}}]}'))]];
        $multi = ['multiValueQueryStringParameters' => [['x', 'y']]];

        $sqs = ['messageAttributes' => [['dataType' => 'String', 'stringValue' => 'x']]];
        self::assertSame('x', $record('sqs', $sqs)->messageAttributes['0']);
        $sns = ['Sns' => ['MessageAttributes' => [['Type' => 'String', 'Value' => 'x']]]];
        self::assertSame('x', $record('sns', $sns)->attributes['0']);
        $change = $record('dynamodb', ['dynamodb' => ['NewImage' => [$image]]]);
        self::assertSame([[['x']]], $change->newImage['0']);
        $headers = ['multiValueHeaders' => [['x']]];
        self::assertSame(['x'], $read('http-v1', $headers)->headers['0']);
        foreach (['http-v1', 'websocket-connect', 'authorizer-request-v1'] as $sample) {
            self::assertSame(['x', 'y'], $read($sample, $multi)->query['0']);
        }
        $headers = ['headers' => ['x']];
        self::assertSame('x', $read('authorizer-request-v2', $headers)->header('0'));
        self::assertSame('x', $read('eventbridge', ['detail' => ['x']])->detail->string('0'));
        $request = ['request' => ['userAttributes' => ['x']]];
        self::assertSame(['x'], $read('cognito-pre-sign-up', $request)->userAttributes);
        self::assertSame(['x'], CloudWatchLogsEvent::fromArray($logs)->records[0]->extractedFields);
        $kafka = ['records' => ['orders-0' => [['headers' => [[[120]]]]]]];
        $header = KafkaEvent::fromArray(array_replace_recursive(Samples::event('kafka'), $kafka))
            ->records[0]->header('0');
        self::assertSame('x', $header);
    }

    public function testKinesis(): void
    {
        $record = KinesisEvent::fromArray(Samples::event('kinesis'))->records[0];

        self::assertSame(['clicks' => 3], $record->json());
        self::assertSame('clicks', $record->streamName());
        self::assertSame('1545084650.987000', $record->arrivedAt->format('U.u'));
    }

    public function testDataOfKinesisThatIsNoBase64IsRefused(): void
    {
        $this->expectExceptionMessage('Records[0].kinesis.data: expected base64, got another');

        KinesisEvent::fromArray(Samples::event('kinesis', ['Records' => [['kinesis' => [
            'data' => '*',
        ]]]]));
    }

    public function testKafka(): void
    {
        $event = KafkaEvent::fromArray(Samples::event('kafka', ['records' => ['orders-1' => [[
            'topic' => 'orders', 'partition' => 1, 'offset' => 3, 'timestamp' => 1545084650987,
        ]]]]));

        self::assertCount(2, $event);
        self::assertCount(2, $event->bootstrapServers);
        [$first, $tombstone] = iterator_to_array($event);
        self::assertSame(['order-1', '{"number": 1}'], [$first->key, $first->value]);
        self::assertSame(['number' => 1], $first->json());
        self::assertSame(['paris', "\xff\0"], [$first->header('shop'), $first->header('mark')]);
        self::assertNull($tombstone->value);
        self::assertNull($tombstone->header('shop'));
        $this->expectExceptionMessage('records.orders-1[0].value: expected JSON of an object');
        $tombstone->json();
    }

    public function testAKafkaEventWithoutRecordsIsRefused(): void
    {
        $this->expectExceptionMessage('records: expected at least one record, got none');

        KafkaEvent::fromArray(['records' => ['orders-0' => []]] + Samples::event('kafka'));
    }

    public function testAHeaderOfKafkaThatHasNoBytesIsRefused(): void
    {
        $this->expectExceptionMessage('records.orders-0[0].headers[0].shop[1]: expected a byte');

        KafkaEvent::fromArray(Samples::event('kafka', ['records' => ['orders-0' => [[
            'headers' => [['shop' => [1 => 256]]],
        ]]]]));
    }

    public function testSes(): void
    {
        $record = SesEvent::fromArray(Samples::event('ses'))->records[0];

        self::assertSame(['bot@example.org'], $record->recipients);
        self::assertSame('Hello', $record->header('subject'));
        self::assertNull($record->header('x-other'));
        self::assertSame(['PASS', 'GRAY'], [$record->verdict('spam'), $record->verdict('dmarc')]);
    }

    public function testCloudWatchLogs(): void
    {
        $event = CloudWatchLogsEvent::fromArray(Samples::event('cloudwatch-logs'));

        self::assertSame('/aws/lambda/orders', $event->logGroup);
        self::assertCount(1, $event);
        [$record] = iterator_to_array($event);
        self::assertSame(['level' => 'ERROR'], $record->json());
        self::assertSame(['level' => 'ERROR'], $record->extractedFields);
    }

    /** @return iterable<string, array{string, string}> */
    public static function wrongLogs(): iterable
    {
        $packed = static fn (string $json): string => base64_encode((string) gzencode($json));
        $log = '"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "g", "logStream": "s"';
        yield 'no base64' => ['*', 'awslogs.data: expected base64, got another string'];
        yield 'no gzip' => ['AAEC', 'awslogs.data: expected data of gzip in base64, got other'];
        yield 'no JSON' => [$packed('secret'), 'awslogs.data: expected JSON of an object or list'];
        yield 'no type' => [$packed('{}'), 'awslogs.data.messageType: expected a string, got'];
        yield 'no entries' => [
            $packed("{{$log}, \"logEvents\": []}"),
            'awslogs.data.logEvents: expected at least one entry, got none',
        ];
        yield 'wrong entry' => [
            $packed("{{$log}, \"logEvents\": [{\"id\": 1}]}"),
            'awslogs.data.logEvents[0].id: expected a string, got a number',
        ];
    }

    /** @dataProvider wrongLogs */
    public function testLogsThatCannotBeUnpackedAreRefused(string $data, string $message): void
    {
        $this->expectException(InvalidField::class);
        $this->expectExceptionMessage($message);

        CloudWatchLogsEvent::fromArray(['awslogs' => ['data' => $data]]);
    }

    public function testACognitoTriggerAnswersWithTheEvent(): void
    {
        $event = CognitoEvent::fromArray(Samples::event('cognito-pre-sign-up'));

        self::assertSame(['PreSignUp', 'jane'], [$event->trigger, $event->userName]);
        self::assertSame('jane@example.com', $event->userAttributes['email']);
        self::assertSame($event->toArray(), $event->answer());
        $answer = $event->answer(['autoConfirmUser' => true]);
        self::assertSame(
            ['autoConfirmUser' => true, 'autoVerifyEmail' => false],
            $answer['response'],
        );
    }

    public function testATriggerOfCognitoMayHaveNoResponseAndBooleans(): void
    {
        $array = Samples::event('cognito-pre-sign-up', [
            'request' => ['userAttributes' => ['email_verified' => true]],
        ]);
        unset($array['response']);
        $event = CognitoEvent::fromArray($array);

        self::assertSame('true', $event->userAttributes['email_verified']);
        self::assertSame(['smsMessage' => 'x'], $event->answer(['smsMessage' => 'x'])['response']);
    }

    public function testATaskOfStepFunctionsReadsItsInputAndPassesItOn(): void
    {
        $event = StepFunctionsEvent::fromArray(Samples::event('step-functions'));

        self::assertSame(1, $event->input->object('order')->int('number'));
        self::assertSame('AAAAKgAAAAIAAAAAAAAAAdX5', $event->taskToken);
        self::assertSame(['total' => 15.5] + $event->toArray(), $event->answer(['total' => 15.5]));
        $this->expectExceptionMessage('order.id: expected a string, got nothing');
        $event->input->object('order')->string('id');
    }
}
