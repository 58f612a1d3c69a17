<?php
// SPDX-License-Identifier: MIT
//
// Under strategy fpm, php-fpm runs this file before the script of a request (auto_prepend_file). A
// script entry then runs as on any server, without a class or an object of ours: the parameter
// [phork.preboot] says so. A handler's file is the script of the request, too, so that
// SCRIPT_FILENAME has the value that the application expects. PHP would drop the value that it
// returns, so it is required here, at global scope and without a variable of our own, and PHP exits
// before it would run the file as the script.
//
// PHP registers no variable whose name begins with '[': the application sees our parameters neither
// in $_SERVER nor in getenv(), unless it asks for the name. They are hexadecimal, which no filter
// that php.ini sets (filter.default) changes.

declare(strict_types=1);

namespace Phork\Fpm;

use Throwable;

require_once __DIR__ . (getenv('[phork.preboot]') === false ? '/../load.php' : '/../functions.php');
// Our files are loaded. From here on open_basedir is php.ini's, to which bootstrap had to add our
// folder. PHP refuses folders that do not exist.
if (
    \function_exists('ini_set')
    && str_ends_with((string) ini_get('open_basedir'), ':' . \dirname(__DIR__) . '/')
) {
    (static function (array $folders): void {
        array_pop($folders);
        ini_set('open_basedir', implode(':', $folders)) === false
            && ini_set('open_basedir', implode(':', array_filter($folders, file_exists(...))));
    })(explode(':', ini_get('open_basedir')));
}

// The application does not have to know how php-fpm got its socket. putenv() may be disabled.
\function_exists('putenv') && putenv('FPM_SOCKETS');
unset($_SERVER['FPM_SOCKETS'], $_ENV['FPM_SOCKETS']);
// For programs that the application starts. PHP restores it when the request ends.
if (getenv('[phork.trace]') !== false && \function_exists('putenv')) {
    putenv('_X_AMZN_TRACE_ID=' . hex2bin(getenv('[phork.trace]')));
}

if (getenv('[phork.preboot]') !== false) {
    if (getenv('[phork.preboot]') !== '') {
        // Boot's output goes to the log.
        ob_start();
        require hex2bin(getenv('[phork.preboot]'));
        (static fn (string $text) => $text === '' || file_put_contents('php://stdout', $text))(
            (string) ob_get_clean(),
        );
    }
    if (getenv('[phork.worker]') !== false) {
        require __DIR__ . '/../load.php';
        require __DIR__ . '/../Bridge/FrankenPhp/load.php';
        \Phork\Bridge\FrankenPhp\FpmScript::start();
    }
    if (getenv('PHORK_AUDIT_RECORD') !== false) {
        require_once __DIR__ . '/../Worker/StateRecorder.php';
        \Phork\Worker\StateRecorder::record(getenv('PHORK_AUDIT_RECORD'), null);
    }
    if (get_cfg_var('auto_prepend_file')) {
        require get_cfg_var('auto_prepend_file');
    }

    return;
}

Front::start();
try {
    if (Front::prebootFile() !== '') {
        require Front::prebootFile();
    }
    Front::scriptIsNext() || Front::entryReturned(require Front::entryFile());
} catch (Throwable $phorkThrown) {
    Front::entryThrew($phorkThrown);
}
exit;
