<?php
// SPDX-License-Identifier: MIT
//
// Sends a PSR-7 response with header() and echo. A body of unknown size is generated while it is
// read, so each piece is flushed at once for the sake of streamed answers.

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
            error_log("response: send headers: output already started at $file:$line;"
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
            // Add cookies, because PHP's session may have set one, but replace other headers.
            $replace = strtolower((string) $name) !== 'set-cookie';
            foreach ($values as $value) {
                header("$name: $value", $replace);
                $replace = false;
            }
        }
        // Set the status last: PHP changes it to 302 when it sees a Location.
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
            echo $body; // a body made by a callback can only be converted to a string

            return;
        }
        $isGenerated = $body->getSize() === null;
        while (!$body->eof() && connection_aborted() === 0) {
            echo $body->read(self::CHUNK_BYTES);
            if ($isGenerated) {
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
