<?php
// SPDX-License-Identifier: MIT
//
// The next step in the message of a boot that failed for want of a class. Autoloaders count, so
// each case runs in its own PHP process.

declare(strict_types=1);

namespace Phork\Tests;

use PHPUnit\Framework\TestCase;

final class AdviceTest extends TestCase
{
    /** @dataProvider missing */
    public function testAClassThatIsMissingIsNamedWithItsPackage(
        string $code,
        string $class,
        string $package,
    ): void {
        $lines = explode("\n", $this->failureOf($code, withAutoloader: true));

        self::assertStringStartsWith("$class not found in ", $lines[0]);
        self::assertStringEndsWith(
            " code:1; $package has it, and no autoloader finds it there; for example",
            $lines[0],
        );
        self::assertSame(
            [
                "  composer require $package",
                '  <?php',
                "  require __DIR__ . '/vendor/autoload.php';",
            ],
            \array_slice($lines, 1),
        );
    }

    public static function missing(): iterable
    {
        yield 'Bref' => [
            'return new class implements Bref\Event\Handler {};',
            'Interface "Bref\Event\Handler"',
            'bref/bref',
        ];
        yield 'Slim' => [
            'return Slim\Factory\AppFactory::create();',
            'Class "Slim\Factory\AppFactory"',
            'slim/slim',
        ];
        yield 'Laravel' => [
            'return Illuminate\Foundation\Application::configure("x");',
            'Class "Illuminate\Foundation\Application"',
            'laravel/framework',
        ];
        yield 'a component of Symfony' => [
            'new class extends Symfony\Component\HttpKernel\Kernel {};',
            'Class "Symfony\Component\HttpKernel\Kernel"',
            'symfony/http-kernel',
        ];
        yield 'a bundle of Symfony' => [
            'new Symfony\Bundle\FrameworkBundle\FrameworkBundle();',
            'Class "Symfony\Bundle\FrameworkBundle\FrameworkBundle"',
            'symfony/framework-bundle',
        ];
    }

    public function testWithoutAnyAutoloaderThatIsTheNextStep(): void
    {
        self::assertStringEndsWith(
            "; expected Composer's autoloader, and none is loaded; for example\n"
                . "  <?php\n  require __DIR__ . '/vendor/autoload.php';",
            $this->failureOf('return new App\Kernel("prod", false);', withAutoloader: false),
        );
    }

    public function testPackagesThatAreNotInstalledAreTheNextStep(): void
    {
        self::assertStringEndsWith(
            "; expected Composer's packages there; for example\n  composer install",
            $this->failureOf('require "/nowhere/vendor/autoload.php";', withAutoloader: false),
        );
    }

    /** @dataProvider others */
    public function testNothingElseIsAdvised(string $code): void
    {
        $message = $this->failureOf($code, withAutoloader: true);

        self::assertStringNotContainsString('for example', $message);
        self::assertStringContainsString(' in ', $message);
    }

    public static function others(): iterable
    {
        yield 'a class of the application' => ['new App\Order();'];
        yield 'another file' => ['require "/nowhere/autoload.php";'];
        yield 'another error' => ['throw new Exception("Class of no kind");'];
        yield 'a class in a message' => ['throw new Exception("x: Class \"Slim\A\" not found");'];
    }

    private function failureOf(string $code, bool $withAutoloader): string
    {
        $code = sprintf(
            'require %s; %s; try { eval(%s); } catch (Throwable $thrown) {
                echo Phork\Worker\Failure::ofEntry($thrown)->message; }',
            var_export(__DIR__ . '/../../php-worker/src/load.php', true),
            $withAutoloader ? 'spl_autoload_register(static fn () => null)' : '',
            var_export($code, true),
        );

        $php = escapeshellarg(PHP_BINARY);

        return (string) shell_exec("$php -r " . escapeshellarg($code) . ' 2>/dev/null');
    }
}
