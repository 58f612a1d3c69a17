<?php
// SPDX-License-Identifier: MIT
//
// Answers with the version, extensions and settings that influence the speed of PHP.

declare(strict_types=1);

return static function (array $event): array {
    $extensions = get_loaded_extensions();
    sort($extensions);
    $settings = [];
    foreach (['opcache.enable', 'opcache.jit', 'opcache.jit_buffer_size', 'opcache.huge_code_pages',
        'opcache.validate_timestamps', 'opcache.memory_consumption', 'memory_limit',
        'realpath_cache_size', 'zend.assertions'] as $name) {
        $settings[$name] = ini_get($name);
    }
    $opcache = function_exists('opcache_get_status') ? opcache_get_status(false) : false;
    return [
        'version' => PHP_VERSION,
        'debug' => (bool) PHP_DEBUG,
        'opcache_runs' => ($opcache['opcache_enabled'] ?? false) === true,
        'extensions' => $extensions,
        'settings' => $settings,
    ];
};
