<?php
// SPDX-License-Identifier: MIT
//
// A classic script, which every PHP server can run.

declare(strict_types=1);

$name = $_GET['name'] ?? 'world';
header('content-type: text/html; charset=utf-8');
echo '<ul>';
foreach (range(1, 100) as $number) {
    printf('<li>%s, %d</li>', htmlspecialchars($name), $number);
}
echo '</ul>';
