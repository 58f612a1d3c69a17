<?php
// SPDX-License-Identifier: MIT
//
// Defines the two constants that make DokuWiki's preload.php read its settings below APP_DATA
// instead of /etc/dokuwiki. A server has this file as auto_prepend_file, phork as PHORK_PREBOOT.

declare(strict_types=1);

define('DOKU_MAIN_CONF', getenv('APP_DATA') . '/conf/');
define('DOKU_CONF', DOKU_MAIN_CONF);
