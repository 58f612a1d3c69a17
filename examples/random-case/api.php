<?php
// SPDX-License-Identifier: MIT
//
// GET /?text=Hello, or POST with the text as its body.

declare(strict_types=1);

use Phork\Event\HttpEvent;
use RandomCase\RandomCase;

require __DIR__ . '/src/RandomCase.php';

/** @return array{statusCode: int, headers: array<string, string>, body: string} */
return static function (HttpEvent $event): array {
    $text = $event->method === 'POST' ? $event->body : (string) $event->queryParameter('text');
    $isText = $text !== '' && mb_check_encoding($text, 'UTF-8');

    return [
        'statusCode' => $isText ? 200 : 400,
        'headers' => ['Content-Type' => 'text/plain; charset=utf-8'],
        'body' => $isText
            ? (new RandomCase())->write($text) . "\n"
            : "expected a text in UTF-8: GET /?text=Hello, or POST it as the body\n",
    ];
};
