<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'Records' => [[
        'eventSource' => 'aws:ses',
        'eventVersion' => '1.0',
        'ses' => [
            'mail' => [
                'timestamp' => '2019-08-05T21:30:02.028Z',
                'source' => 'prvs=144d0cba7=jane@example.com',
                'messageId' => 'EXAMPLE7c191be45-e9aedb9a-02f9-4d12',
                'destination' => ['bot@example.org'],
                'headersTruncated' => false,
                'headers' => [
                    ['name' => 'From', 'value' => 'Jane Doe <jane@example.com>'],
                    ['name' => 'To', 'value' => 'bot@example.org'],
                    ['name' => 'Subject', 'value' => 'Hello'],
                    ['name' => 'Message-ID', 'value' => '<0123456789example.com>'],
                ],
                'commonHeaders' => [
                    'returnPath' => 'jane@example.com',
                    'from' => ['Jane Doe <jane@example.com>'],
                    'date' => 'Mon, 5 Aug 2019 21:29:57 +0000',
                    'to' => ['bot@example.org'],
                    'messageId' => '<0123456789example.com>',
                    'subject' => 'Hello',
                ],
            ],
            'receipt' => [
                'timestamp' => '2019-08-05T21:30:02.028Z',
                'processingTimeMillis' => 1205,
                'recipients' => ['bot@example.org'],
                'spamVerdict' => ['status' => 'PASS'],
                'virusVerdict' => ['status' => 'PASS'],
                'spfVerdict' => ['status' => 'PASS'],
                'dkimVerdict' => ['status' => 'PASS'],
                'dmarcVerdict' => ['status' => 'GRAY'],
                'action' => [
                    'type' => 'Lambda',
                    'functionArn' => 'arn:aws:lambda:eu-west-1:123456789012:function:bot',
                    'invocationType' => 'Event',
                ],
            ],
        ],
    ]],
];
