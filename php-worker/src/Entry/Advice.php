<?php
// SPDX-License-Identifier: MIT
//
// Messages for an entry that cannot be used: what was found, what was expected, and three lines
// that work.

declare(strict_types=1);

namespace Phork\Entry;

use Closure;
use Error;
use Phork\Handler;
use ReflectionFunction;
use Throwable;

final class Advice
{
    private const CLOSURE = <<<'PHP'
          return function (array $event, Phork\Context $context): array {
              return ['hello' => $event['name'] ?? 'world'];
          };
        PHP;

    private const FUNCTION = <<<'PHP'
          function %s(array $event, Phork\Context $context): array {
              return ['hello' => $event['name'] ?? 'world'];
          }
        PHP;

    private const TYPED = <<<'PHP'
          return function (Phork\Event\SqsEvent $event, Phork\Context $context) {
              return $event->each(fn ($record) => error_log($record->messageId));
          };
        PHP;

    private const METHOD = <<<'PHP'
          final class Worker implements Phork\Handler {
              public function handle(mixed $event, Phork\Context $context): mixed { return 'done'; }
          }
        PHP;

    private const KERNEL = <<<'PHP'
          <?php
          require __DIR__ . '/vendor/autoload.php';
          return new App\Kernel('prod', false);
        PHP;

    private const COMPOSER = <<<'PHP'
          <?php
          require __DIR__ . '/vendor/autoload.php';
        PHP;

    /** Packages of frameworks, by the namespace of their classes. */
    private const PACKAGES = [
        'Bref\Secrets' => 'bref/secrets-loader',
        'Bref' => 'bref/bref',
        'Illuminate' => 'laravel/framework',
        'Mezzio' => 'mezzio/mezzio',
        'Psr\Http\Server' => 'psr/http-server-handler',
        'Slim' => 'slim/slim',
        'Symfony' => 'symfony/framework-bundle',
    ];

    private const LOOP = <<<'PHP'
          <?php // the file of the handler setting; phork runs it up to its first call
          $app = require __DIR__ . '/../bootstrap.php';
          while (frankenphp_handle_request(fn () => $app->run())) { gc_collect_cycles(); }
        PHP;

    /** @param list<string> $kinds of values that an entry file may return */
    public static function onValue(mixed $returned, array $kinds): string
    {
        $handle = HandlerEntry::methodOf($returned);
        if ($handle !== null) {
            return self::onHandle($returned, $handle);
        }
        $last = array_pop($kinds);

        return sprintf(
            'entry: use the value that the file returned: expected %s or %s, got %s;'
                . " for example\n%s",
            implode(', ', $kinds),
            $last,
            self::describe($returned),
            self::CLOSURE,
        );
    }

    /** For a handler `name.function` whose file does not declare the function. */
    public static function onFunction(string $function, mixed $returned): string
    {
        $file = self::fileOf($function);
        $known = self::functionsOf($file);

        return "entry: find function '$function': the file ran and declares no such function"
            . match (true) {
                \is_object($returned) || \is_callable($returned) => '; it returns '
                    . ($returned instanceof Closure ? 'a closure' : get_debug_type($returned))
                    . ': set the handler to ' . ($file ?? "the file alone, without '.$function'"),
                $known !== [] => ', but ' . implode(', ', $known),
                default => "; for example\n" . sprintf(self::FUNCTION, $function),
            };
    }

    /** For a handler whose first parameter has a class that is no event. */
    public static function onClass(string $class): string
    {
        return self::onParameter(class_exists($class) || interface_exists($class)
            ? "$class, which is no event"
            : "$class, which does not exist");
    }

    /** @param string $got the type of a handler's first parameter, and why it will not do */
    public static function onParameter(string $got): string
    {
        $known = [];
        foreach (glob(__DIR__ . '/../Event/*Event.php') ?: [] as $file) {
            $known[] = basename($file, '.php');
        }
        $known = implode(', ', array_diff($known, ['Event', 'RecordsEvent', 'StreamEvent']));

        return 'entry: use the first parameter of the handler: expected array, no type, or a class'
            . " of Phork\\Event ($known), got $got; for example\n" . self::TYPED;
    }

    /** For the result of a handler that made an application instead of an answer. */
    public static function onKernel(object $kernel): string
    {
        return 'result is ' . get_debug_type($kernel) . ', which serves requests: expected the file'
            . " to return it, not a function that makes it; for example\n" . self::KERNEL;
    }

    /**
     * The end of the message of an exception that ended the boot: how to get a class that is
     * missing, or Composer's autoloader; "" for any other exception.
     */
    public static function onThrown(Throwable $thrown): string
    {
        $required = "~^Failed opening required '[^']*/vendor/autoload\\.php'~";
        if (preg_match($required, $thrown->getMessage()) === 1) {
            return "; expected Composer's packages there; for example\n  composer install";
        }
        $missing = '/^(?:Class|Interface) "([^"]+)" not found$/';
        if (preg_match($missing, $thrown->getMessage(), $match) !== 1) {
            return '';
        }
        $package = self::packageOf($match[1]);
        if ($package === null && spl_autoload_functions() !== []) {
            return '';
        }

        $found = spl_autoload_functions() === []
            ? "expected Composer's autoloader, and none is loaded"
            : "$package has it, and no autoloader finds it there";

        return "; $found; for example\n"
            . ($package === null ? '' : "  composer require $package\n")
            . self::COMPOSER;
    }

    /** Null for a class of no framework that phork knows. */
    private static function packageOf(string $class): ?string
    {
        if (preg_match('/^Symfony\\\\(?:Component|Bundle)\\\\(\w+)/', $class, $match) === 1) {
            return 'symfony/' . strtolower((string) preg_replace('/\B[A-Z]/', '-$0', $match[1]));
        }
        foreach (self::PACKAGES as $namespace => $package) {
            if (str_starts_with($class, "$namespace\\")) {
                return $package;
            }
        }

        return null;
    }

    /** For a worker script that has ended at boot. */
    public static function onScriptWithoutLoop(): string
    {
        return 'entry: run the worker script: expected it to call frankenphp_handle_request(), got'
            . " its end without a call: repair it, or set PHORK_ENTRY=script; for example\n"
            . self::LOOP;
    }

    /** For a call of frankenphp_handle_request() while a request is served, or by another Fiber. */
    public static function onLoopInRequest(): string
    {
        return 'frankenphp_handle_request(): expected a call by the worker script itself, got one'
            . " within a request or a Fiber of the application; for example\n" . self::LOOP;
    }

    /** For a script that asks for requests although frankenphp_handle_request() gave false. */
    public static function onLoopWithoutEnd(): string
    {
        return 'frankenphp_handle_request(): expected the worker script to end its loop when it'
            . ' gets false, got another call: the script is ended; write "while'
            . ' (frankenphp_handle_request($callable)) {}"';
    }

    /** For a call of a function of FrankenPHP that is not there; null for all else. */
    public static function onUndefined(Throwable $thrown): ?string
    {
        $call = '/^Call to undefined function (?:\S*\\\\)?(frankenphp_\w+)\(\)$/';
        if (!$thrown instanceof Error || preg_match($call, $thrown->getMessage(), $found) !== 1) {
            return null;
        }

        return $found[1] === 'frankenphp_handle_request'
            ? 'frankenphp_handle_request(): expected a worker script, whose file calls it at its'
                . ' top level or which PHORK_ENTRY=worker declares, got a call by another kind of'
                . " entry, which gets each event by itself; for example\n" . self::LOOP
            : "$found[1](): expected an application of FrankenPHP's server, got a Lambda function,"
                . ' which is frozen between events, so that nothing runs in the background: send'
                . ' the work to a queue, whose messages are events of a function';
    }

    /** The file of a handler `name.function`, below the task root; null for another handler. */
    private static function fileOf(string $function): ?string
    {
        $handler = (string) getenv('_HANDLER');
        if (!str_ends_with($handler, ".$function")) {
            return null;
        }
        $file = substr($handler, 0, -\strlen(".$function")) . '.php';
        // The runtime looks there first.
        $inSource = "src/$file";

        return is_file(getenv('LAMBDA_TASK_ROOT') . "/$inSource") ? $inSource : $file;
    }

    /** @return list<string> */
    private static function functionsOf(?string $file): array
    {
        $path = $file === null ? false : realpath(getenv('LAMBDA_TASK_ROOT') . "/$file");
        $names = [];
        foreach ($path === false ? [] : get_defined_functions()['user'] as $name) {
            $declared = new ReflectionFunction($name);
            if ($declared->getFileName() === $path) {
                $names[] = $declared->getName();
            }
        }

        return $names;
    }

    private static function onHandle(mixed $returned, Closure $handle): string
    {
        $parameter = CallableEntry::parameterOf($handle);
        $got = $parameter->fault ?? $parameter->class ?? 'a parameter without an event class';

        return 'entry: use handle() of ' . get_debug_type($returned) . ': expected a class that'
            . ' implements ' . Handler::class . ', or a first parameter with a class of'
            . " Phork\\Event, got $got; for example\n" . self::METHOD;
    }

    // `require` returns 1 for a file without a `return`, and require_once may return true.
    private static function describe(mixed $returned): string
    {
        return match (true) {
            $returned === null, $returned === 1, $returned === true => 'nothing',
            \is_string($returned) => class_exists($returned)
                ? "the name of the class $returned, which is no handler"
                : 'a string that names no function or class',
            default => get_debug_type($returned),
        };
    }
}
