<?php
// SPDX-License-Identifier: MIT
//
// Sends a PSR-7 response with header() and echo. A body that does not know its size is made while
// it is read: each piece of it leaves at once, where answers may leave in pieces.

declare(strict_types=1);

namespace Phork\Psr;

use Psr\Http\Message\ResponseInterface;
use Psr\Http\Message\StreamInterface;

final readonly class ResponseEmitter
{
    private const CHUNK_BYTES = 65536;
    private const STATUS_WITHOUT_BODY = [204, 205, 304];

    public function emit(ResponseInterface $response, bool $withBody = true): void
    {
        if (headers_sent($file, $line)) {
            error_log("response: send headers: output was started before, at $file:$line;"
                . ' status and headers of the response are lost');
        } else {
            $this->sendHead($response);
        }
        if ($withBody && !\in_array($response->getStatusCode(), self::STATUS_WITHOUT_BODY, true)) {
            $this->sendBody($response->getBody());
        }
    }

    private function sendHead(ResponseInterface $response): void
    {
        foreach ($response->getHeaders() as $name => $values) {
            // PHP's session may have set a cookie of its own.
            $replace = strtolower((string) $name) !== 'set-cookie';
            foreach ($values as $value) {
                header("$name: $value", $replace);
                $replace = false;
            }
        }
        // After the headers, as PHP makes the status 302 when it sees a Location.
        $status = $response->getStatusCode();
        $line = "HTTP/{$response->getProtocolVersion()} $status {$response->getReasonPhrase()}";
        header(rtrim($line), true, $status);
    }

    private function sendBody(StreamInterface $body): void
    {
        if ($body->isSeekable()) {
            $body->rewind();
        }
        if (!$body->isReadable()) {
            echo $body; // a callback, which has a text only

            return;
        }
        $isMadeWhileRead = $body->getSize() === null;
        while (!$body->eof() && connection_aborted() === 0) {
            echo $body->read(self::CHUNK_BYTES);
            if ($isMadeWhileRead) {
                self::flush();
            }
        }
    }

    private static function flush(): void
    {
        if (ob_get_level() > 0) { // php.ini's output_buffering
            ob_flush();
        }
        flush();
    }
}
