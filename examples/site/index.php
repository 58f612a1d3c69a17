<?php
// SPDX-License-Identifier: MIT
//
// A site whose pages are PHP and whose other files are not. On AWS CloudFront answers everything
// below /assets/ from a bucket, `phork serve` from the folder, and no such request comes here.

declare(strict_types=1);

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/';

// CloudFront calls the API by the API's name; the visitor's is in X-Forwarded-Host.
$host = htmlspecialchars($_SERVER['HTTP_X_FORWARDED_HOST'] ?? $_SERVER['HTTP_HOST'] ?? '');
http_response_code($path === '/' ? 200 : 404);
?>
<!doctype html>
<title>A site</title>
<link rel="stylesheet" href="/assets/site.css">
<img src="/assets/logo.svg" alt="" width="64">
<?php if ($path === '/') : ?>
<h1>Welcome to <?= $host ?></h1>
<p>This page was made at <?= date('H:i:s') ?> UTC; its style comes from a bucket.</p>
<?php else : ?>
<h1>There is no such page</h1>
<?php endif ?>
