<?php
// SPDX-License-Identifier: MIT
//
// Makes a PSR-7 request from the superglobals and php://input, with the path parameters of API
// Gateway's route as attributes. A Host or header that PSR-7 does not allow is left out and throws
// nothing: the client sent it, and the handler has to answer.

declare(strict_types=1);

namespace Phork\Psr;

use InvalidArgumentException;
use Psr\Http\Message\ServerRequestInterface;
use Psr\Http\Message\UriInterface;

final readonly class RequestFromGlobals
{
    private const FORM_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data'];

    // Headers that CGI passes without the prefix HTTP_.
    private const BARE_HEADERS = ['CONTENT_TYPE', 'CONTENT_LENGTH', 'CONTENT_MD5'];

    // A superglobal joins the values of a repeated header, and none has the path parameters
    // (runtime/http/cgi_event.h). PHP shows this variable to nobody who does not ask for it.
    private const DETAILS = '[phork-request]';

    private const HOST = '/^(\[[0-9a-f:.]+\]|[^\s:\/?#@\[\]\\\\]+)(?::(\d{1,5}))?$/iD';

    private UploadedFiles $files;

    public function __construct(private Psr17Factories $factories)
    {
        $this->files = new UploadedFiles($factories);
    }

    public function make(): ServerRequestInterface
    {
        $method = $_SERVER['REQUEST_METHOD'] ?? 'GET';
        $input = $this->factories->streams->createStreamFromResource(fopen('php://input', 'rb'));
        $request = $this->factories->requests
            ->createServerRequest($method, $this->uri(), $_SERVER)
            ->withProtocolVersion(self::protocolVersion());
        $details = self::details();
        $request = self::withHeaders($request, $details['headers'] ?? [])
            ->withCookieParams($_COOKIE)
            ->withQueryParams($_GET)
            ->withUploadedFiles($this->files->normalise($_FILES))
            ->withBody($input);
        foreach ($details['path'] ?? [] as $name => $value) {
            $request = $request->withAttribute((string) $name, $value);
        }

        return self::isForm($method) ? $request->withParsedBody($_POST) : $request;
    }

    private function uri(): UriInterface
    {
        $https = strtolower($_SERVER['HTTPS'] ?? '');
        $secure = $https !== '' && $https !== 'off';
        [$host, $port] = self::authority();
        // A proxy may send an absolute URI, of which only the path is used.
        $target = preg_replace('~^[^/?#:]+://[^/?#]*~', '', $_SERVER['REQUEST_URI'] ?? '/');
        $path = substr($target, 0, strcspn($target, '?#'));

        return $this->factories->uris->createUri()
            ->withScheme($secure ? 'https' : 'http')
            ->withHost($host)
            ->withPort($port)
            ->withPath(str_starts_with($path, '/') ? $path : "/$path")
            ->withQuery($_SERVER['QUERY_STRING'] ?? '');
    }

    /** @return array{string, ?int} host and port */
    private static function authority(): array
    {
        foreach ([$_SERVER['HTTP_HOST'] ?? '', $_SERVER['SERVER_NAME'] ?? ''] as $name) {
            if (preg_match(self::HOST, $name, $match) === 1) {
                $port = (int) ($match[2] ?? $_SERVER['SERVER_PORT'] ?? 0);

                return [$match[1], $port > 0 && $port <= 65535 ? $port : null];
            }
        }

        return ['localhost', null];
    }

    private static function protocolVersion(): string
    {
        $protocol = $_SERVER['SERVER_PROTOCOL'] ?? '';

        return preg_match('~^HTTP/(\d(?:\.\d)?)$~D', $protocol, $match) === 1 ? $match[1] : '1.1';
    }

    /** @return array{headers?: array<string, list<string>>, path?: array<string, string>} */
    private static function details(): array
    {
        return json_decode((string) getenv(self::DETAILS), true) ?? [];
    }

    /** @param array<string, list<string>> $repeated headers, by their names in lower case */
    private static function withHeaders(
        ServerRequestInterface $request,
        array $repeated,
    ): ServerRequestInterface {
        foreach ($_SERVER as $key => $value) {
            $name = match (true) {
                str_starts_with((string) $key, 'HTTP_') => substr($key, 5),
                \in_array($key, self::BARE_HEADERS, true) && $value !== '' => $key,
                default => '',
            };
            if ($name === '' || !\is_string($value)) {
                continue;
            }
            $name = strtolower(strtr($name, '_', '-'));
            $values = $repeated[$name] ?? [];
            try {
                // The application may have changed the variable since.
                $isSame = $values !== [] && implode(', ', $values) === $value;
                $request = $request->withHeader(ucwords($name, '-'), $isSame ? $values : $value);
            } catch (InvalidArgumentException) {
                // PSR-7 does not allow the header
            }
        }

        return $request;
    }

    private static function isForm(string $method): bool
    {
        $type = strtolower(trim(explode(';', $_SERVER['CONTENT_TYPE'] ?? '', 2)[0]));

        return $method === 'POST' && \in_array($type, self::FORM_TYPES, true);
    }
}
