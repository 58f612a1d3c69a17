<?php
// SPDX-License-Identifier: MIT
//
// The same application behind any web server.

declare(strict_types=1);

use Illuminate\Http\Request;

require dirname(__DIR__) . '/vendor/autoload.php';

(require dirname(__DIR__) . '/bootstrap/app.php')->handleRequest(Request::capture());
