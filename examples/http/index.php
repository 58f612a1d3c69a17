<?php
// SPDX-License-Identifier: MIT
//
// A web application without a framework. It runs from its beginning for each request, as under
// php-fpm.

declare(strict_types=1);

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/';
$method = $_SERVER['REQUEST_METHOD'];

if (preg_match('#^/api/planets/([a-z]+)$#', $path, $match)) {
    $kilometres = ['mercury' => 4_879, 'earth' => 12_742, 'jupiter' => 139_820][$match[1]] ?? null;
    header('Content-Type: application/json');
    http_response_code($kilometres === null ? 404 : 200);
    echo json_encode($kilometres === null
        ? ['error' => "There is no planet '$match[1]' here."]
        : ['planet' => $match[1], 'diameterInKm' => $kilometres]), "\n";
    return;
}
if ($path !== '/') {
    http_response_code(404);
    header('Content-Type: text/plain; charset=utf-8');
    echo "There is no page $path here.\n";
    return;
}
if ($method === 'POST') {
    // The browser keeps the name: the next request may be served by another environment.
    setcookie('name', substr((string) ($_POST['name'] ?? ''), 0, 64), ['httponly' => true]);
    header('Location: /', response_code: 303);
    return;
}
$name = htmlspecialchars($_COOKIE['name'] ?? 'world');
?>
<!doctype html>
<title>Hello</title>
<h1>Hello, <?= $name ?>!</h1>
<form method="post">
    <label>Your name: <input name="name" value="<?= $name ?>"></label> <button>Greet</button>
</form>
