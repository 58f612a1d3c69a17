<?php
// SPDX-License-Identifier: MIT
//
// DokuWiki's preload.php leaves these two to whoever runs it: with them, nothing is looked for in
// /etc/dokuwiki. A server has this file as auto_prepend_file, phork as PHORK_PREBOOT.

declare(strict_types=1);

define('DOKU_MAIN_CONF', getenv('APP_DATA') . '/conf/');
define('DOKU_CONF', DOKU_MAIN_CONF);
