<?php
// SPDX-License-Identifier: MIT
//
// The same application behind any web server.

declare(strict_types=1);

(require dirname(__DIR__) . '/app.php')->run();
