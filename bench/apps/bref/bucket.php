<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

use Bref\Context\Context;
use Bref\Event\S3\S3Event;
use Bref\Event\S3\S3Handler;

return new class extends S3Handler {
    public function handleS3(S3Event $event, Context $context): void
    {
        fwrite(STDERR, $event->getRecords()[0]->getObject()->getKey() . "\n");
    }
};
