<?php
// SPDX-License-Identifier: MIT
//
// Loads all of Phork\Event at once, for a typed handler under php-fpm, where no autoloader of ours
// is (load.php). Parents come before their children.

declare(strict_types=1);

foreach (
    [
        'Fields', 'InvalidField', 'HttpParts', 'BatchFailures', 'AuthorizerAnswer',
        'Record/Time', 'Record/StreamRecord', 'Record/DynamoDbRecord', 'Record/DynamoDbValue',
        'Record/KafkaRecord', 'Record/KinesisRecord', 'Record/LogRecord', 'Record/S3Record',
        'Record/SesRecord', 'Record/SnsRecord', 'Record/SqsRecord',
        'Event', 'RecordsEvent', 'StreamEvent', 'CloudWatchLogsEvent', 'CognitoEvent',
        'DynamoDbEvent', 'EventBridgeEvent', 'HttpEvent', 'KafkaEvent', 'KinesisEvent',
        'RequestAuthorizerEvent', 'S3Event', 'ScheduledEvent', 'SesEvent', 'SnsEvent', 'SqsEvent',
        'StepFunctionsEvent', 'TokenAuthorizerEvent', 'WebSocketEvent',
    ] as $phorkClass
) {
    require_once __DIR__ . "/$phorkClass.php";
}
unset($phorkClass);
