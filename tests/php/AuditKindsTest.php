<?php
// SPDX-License-Identifier: MIT
//
// Every kind of state can be found to leak: in a process that keeps everything, the look after the
// plant finds the planted value. PHP's web server is that process, because the command line has no
// headers and no opcode cache.

declare(strict_types=1);

namespace Phork\Tests;

use Phork\Audit\Probe;

final class AuditKindsTest extends LibraryTestCase
{
    private const SCRIPT = __DIR__ . '/fixtures/audit/keeping_server.php';

    /** @var ?array{kinds: array<string, array>, printed: string} */
    private static ?array $found = null;

    /** @return iterable<string, array{string}> */
    public static function kinds(): iterable
    {
        foreach ((new Probe())(['audit' => 'kinds'])['kinds'] as $kind) {
            yield $kind['name'] => [$kind['name']];
        }
    }

    /** @dataProvider kinds */
    public function testAPlantedValueIsFoundInAProcessThatKeepsIt(string $name): void
    {
        $found = self::found()['kinds'][$name];
        if (isset($found['reason'])) {
            self::markTestSkipped("$name: {$found['reason']}");
        }

        self::assertArrayNotHasKey('thrown', $found, $found['thrown'] ?? '');
        ['first' => $first, 'planted' => $planted, 'last' => $last] = $found;
        self::assertSame($name, $planted['kind']);
        self::assertSame($first, $planted['before'], 'a look changes nothing');
        self::assertNotSame($planted['before'], $planted['after'], 'planting changes the state');
        self::assertSame($planted['after'], $last, 'the planted value is found');
    }

    public function testNoKindPrintsOrWarns(): void
    {
        self::assertSame('', self::found()['printed']);
    }

    private static function found(): array
    {
        return self::$found ??= self::askServer();
    }

    private static function askServer(): array
    {
        $folder = sys_get_temp_dir() . '/phork-audit-test-' . bin2hex(random_bytes(6));
        mkdir($folder);
        $server = proc_open(
            [PHP_BINARY, '-S', '127.0.0.1:0', ...self::settings(), self::SCRIPT],
            [2 => ['pipe', 'w']],
            $pipes,
            null,
            [...getenv(), 'TMPDIR' => $folder],
        );
        try {
            $line = (string) fgets($pipes[2]);
            self::assertSame(1, preg_match('~http://[\d.:]+~', $line, $address), $line);
            $http = ['ignore_errors' => true, 'timeout' => 60];
            $context = stream_context_create(['http' => $http]);
            $body = file_get_contents($address[0], context: $context);

            return json_decode($body, true, flags: JSON_THROW_ON_ERROR);
        } finally {
            proc_terminate($server, SIGKILL);
            proc_close($server);
            array_map(unlink(...), glob("$folder/*"));
            rmdir($folder);
        }
    }

    /** @return list<string> */
    private static function settings(): array
    {
        return ['-d', 'display_errors=1', '-d', 'error_reporting=-1', '-d', 'html_errors=0'];
    }
}
