<?php
// SPDX-License-Identifier: MIT
//
// SES writes a mail that it receives into a bucket, the bucket sends an event, and this function
// answers through SES. With MAIL_FOLDER it needs no AWS: mail comes out of that folder.

declare(strict_types=1);

use Phork\Event\Record\S3Record;
use Phork\Event\S3Event;
use RandomCase\Aws;
use RandomCase\Local;
use RandomCase\ReplyBot;
use Symfony\Component\Mime\Address;

require __DIR__ . '/vendor/autoload.php';

$folder = (string) getenv('MAIL_FOLDER');
$mail = $folder !== '' ? new Local($folder) : Aws::fromEnvironment();
$bot = new ReplyBot(Address::create(getenv('BOT_ADDRESS') ?: 'Bot <bot@example.org>'));

/** @return array{sent: int, unanswered: int} */
return static function (S3Event $event) use ($mail, $bot): array {
    $counts = ['sent' => 0, 'unanswered' => 0];
    /** @var S3Record $record */
    foreach ($event as $record) {
        $reply = $record->isCreated()
            ? $bot->reply($mail->read($record->bucket, $record->key))
            : null;
        if ($reply !== null) {
            $mail->send($reply);
        }
        ++$counts[$reply !== null ? 'sent' : 'unanswered'];
    }

    return $counts;
};
