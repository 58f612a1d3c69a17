<?php
// SPDX-License-Identifier: MIT
//
// The fingerprint of an application shows the state that events leave behind, and the application
// does not notice it. Each case runs in its own PHP process.

declare(strict_types=1);

namespace Phork\Tests;

use Phork\Audit\Fingerprint;

final class AuditFingerprintTest extends LibraryTestCase
{
    private const APPLICATION = __DIR__ . '/fixtures/audit/application.php';

    private string $file;

    protected function setUp(): void
    {
        $this->file = sys_get_temp_dir() . '/phork-fingerprint-' . bin2hex(random_bytes(6));
    }

    protected function tearDown(): void
    {
        if (is_file($this->file)) {
            unlink($this->file);
        }
    }

    public function testTwoProcessesOfAnApplicationHaveTheSameFingerprint(): void
    {
        self::assertSame(self::inProcess('')['first'], self::inProcess('')['first']);
    }

    /** @return iterable<string, array{string, string}> */
    public static function events(): iterable
    {
        yield 'a variable' => ['$basket = 1;', 'globals.$basket'];
        yield 'another value' => ['$password = "wrong horse";', 'globals.$password'];
        yield 'an object, deep down' => ['$itself->b = [[["x" => 1]]];', 'globals.$itself'];
        yield 'a static property' => [
            'Shop\Basket::$items[] = 1;',
            'static-properties.Shop\Basket::$items',
        ];
        yield 'a static of a function' => [
            'Shop\visits();',
            'static-variables.shop\visits() $visits',
        ];
        yield 'a static of a method' => [
            '(new Shop\Basket())->count();',
            'static-variables.Shop\Basket::count() $calls',
        ];
        yield 'a property of the entry' => ['$handler();', 'entry.Shop\Handler::$served'];
        yield 'a constant' => ['define("Shop\OPEN", true);', 'constants.Shop\OPEN'];
        yield 'a class' => ['eval("class Late {}");', 'code.classes of no file'];
        yield 'a file' => [self::requiring('settings.php'), 'code.files of no class'];
        yield 'a function' => ['eval("function late() {}");', 'code.functions'];
        yield 'an autoloader' => ['spl_autoload_register("strlen");', 'autoloaders.2'];
        yield 'an error handler' => ['set_error_handler("strlen");', 'handlers.errors'];
        yield 'an exception handler' => ['set_exception_handler("strlen");', 'handlers.exceptions'];
        yield 'an output buffer' => ['ob_start();', 'output.buffers'];
        yield 'a setting' => ['ini_set("precision", "9");', 'ini.precision'];
        yield 'the time zone' => ['date_default_timezone_set("Asia/Tokyo");', 'settings.time zone'];
        yield 'the locale' => ['setlocale(LC_TIME, "C.UTF-8");', 'settings.locale'];
        yield 'a stream wrapper' => ['stream_wrapper_unregister("glob");', 'streams.wrappers'];
        yield 'a session' => ['session_name("SHOP");', 'session.name'];
        yield 'the environment' => ['putenv("SHOP=1");', 'environment.SHOP'];
        yield 'the working directory' => ['chdir("/");', 'process.working directory'];
        yield 'the umask' => ['umask(0o77);', 'process.umask'];
        yield 'an open file' => [
            '$GLOBALS["f"] = fopen("/dev/zero", "r");',
            'descriptors./dev/zero',
        ];
        // Its answer shows that the child has become that program.
        yield 'a child' => [
            '$c = proc_open(["cat"], [["pipe", "r"], ["pipe", "w"]], $p);'
                . 'fwrite($p[0], "a"); fread($p[1], 1);',
            'children.cat',
        ];
        yield 'a limit' => [
            'posix_setrlimit(POSIX_RLIMIT_FSIZE, 1 << 40, 1 << 40);',
            'limits.Max file size',
        ];
    }

    /** @dataProvider events */
    public function testStateThatAnEventLeavesIsNamed(string $event, string $name): void
    {
        self::assertContains($name, self::changes($event));
    }

    /** @return iterable<string, array{string}> */
    public static function harmlessEvents(): iterable
    {
        yield 'nothing' => [''];
        yield 'a class with a file and initial statics' => [self::requiring('Late.php')];
        yield 'a static with the value it had' => ['Shop\Basket::$kept = "ordinary";'];
        yield 'a parameter of the request' => ['$_SERVER["REQUEST_URI"] = "/other";'];
    }

    /** @dataProvider harmlessEvents */
    public function testAHarmlessEventLeavesNoChange(string $event): void
    {
        self::assertSame([], self::changes($event));
    }

    public function testTheScriptThatPhpHasOpenedDoesNotCountAsAnOpenFile(): void
    {
        self::assertArrayNotHasKey(
            realpath(self::APPLICATION),
            self::inProcess('')['first']['descriptors'],
        );
        self::assertContains(
            'descriptors.' . realpath(self::APPLICATION),
            self::changes('$GLOBALS["f"] = fopen($_SERVER["SCRIPT_FILENAME"], "r");'),
        );
    }

    public function testAClassOfAFileIsWatchedFromItsFirstUse(): void
    {
        $event = self::requiring('Late.php') . 'Shop\Late::next(); Shop\Late::$names = [];';

        self::assertSame([
            'static-properties.Shop\Late::$names',
            'static-variables.Shop\Late::next() $next',
        ], self::changes($event));
    }

    public function testTheApplicationDoesNotNotice(): void
    {
        $run = self::inProcess('');

        self::assertSame(['strtok' => 'two', 'error' => null], $run['left']);
        self::assertArrayNotHasKey('$asked for', $run['second']['globals'], 'no autoloading');
    }

    public function testAFingerprintHasNamesAndHashesButNoValues(): void
    {
        $told = json_encode(self::inProcess('putenv("TOKEN=battery staple");'));

        self::assertStringContainsString('$password', $told);
        self::assertStringNotContainsString('correct horse', $told);
        self::assertStringContainsString('TOKEN', $told);
        self::assertStringNotContainsString('battery staple', $told);
    }

    public function testARecordIsALineOfJsonWithGroupsOfNames(): void
    {
        Fingerprint::record($this->file);
        Fingerprint::record($this->file);

        $lines = file($this->file);
        self::assertCount(2, $lines);
        [$first, $second] = array_map(json_decode(...), $lines);
        self::assertSame($first->boot->id, $second->boot->id, 'the variables are of one boot');
        foreach (json_decode($lines[0]) as $group => $names) {
            self::assertIsObject($names, $group);
            foreach ((array) $names as $name => $value) {
                self::assertTrue(\is_string($value) || \is_int($value), "$group.$name");
            }
        }
    }

    public function testARecordThatCannotBeWrittenIsNoError(): void
    {
        error_clear_last();
        Fingerprint::record('/phork-audit/absent/file');

        self::assertNull(error_get_last());
    }

    /** @return list<string> names as group.name that differ between the fingerprints */
    private static function changes(string $event): array
    {
        ['first' => $first, 'second' => $second] = self::inProcess($event);
        $changes = [];
        foreach ($second as $group => $names) {
            $before = $first[$group];
            foreach (array_keys($names + $before) as $name) {
                if (($names[$name] ?? null) !== ($before[$name] ?? null)) {
                    $changes[] = "$group.$name";
                }
            }
        }

        return $changes;
    }

    private static function requiring(string $fixture): string
    {
        return "require '" . \dirname(self::APPLICATION) . "/$fixture';";
    }

    private static function inProcess(string $event): array
    {
        $command = [PHP_BINARY, '-d', 'display_errors=1', self::APPLICATION, $event];
        $process = proc_open($command, [1 => ['pipe', 'w'], 2 => ['redirect', 1]], $pipes);
        $printed = stream_get_contents($pipes[1]);
        proc_close($process);

        return json_decode($printed, true) ?? self::fail($printed);
    }
}
