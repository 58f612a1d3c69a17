<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'version' => '0',
    'id' => '89d1a02d-5ec7-412e-82f5-13505f849b41',
    'detail-type' => 'Scheduled Event',
    'source' => 'aws.events',
    'account' => '123456789012',
    'time' => '2016-12-30T18:44:49Z',
    'region' => 'eu-west-1',
    'resources' => ['arn:aws:events:eu-west-1:123456789012:rule/nightly'],
    'detail' => [],
];
