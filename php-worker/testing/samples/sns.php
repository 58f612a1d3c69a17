<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'Records' => [[
        'EventVersion' => '1.0',
        'EventSource' => 'aws:sns',
        'EventSubscriptionArn' => 'arn:aws:sns:eu-west-1:123456789012:alarms:21be56ed-a058-49f5',
        'Sns' => [
            'SignatureVersion' => '1',
            'Timestamp' => '2019-01-02T12:45:07.000Z',
            'Signature' => 'tcc6faL2yUC6dgZdmrwh1Y4cGa',
            'SigningCertUrl' => 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService.pem',
            'MessageId' => '95df01b4-ee98-5cb9-9903-4c221d41eb5e',
            'Message' => '{"disk": "full"}',
            'MessageAttributes' => [
                'level' => ['Type' => 'String', 'Value' => 'high'],
                'mark' => ['Type' => 'Binary', 'Value' => 'AAEC'],
            ],
            'Type' => 'Notification',
            'UnsubscribeUrl' => 'https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe',
            'TopicArn' => 'arn:aws:sns:eu-west-1:123456789012:alarms',
            'Subject' => 'Disk',
        ],
    ]],
];
