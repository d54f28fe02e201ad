<?php
// Makes a WordPress in the folder WP, with a user of the company and an application password for Ponte, which it prints.
// It is run once, by hand of tools/servers, which names everything in the environment.
// WordPress has a global of the name wp.
$folder = getenv('WP');
$db = mysqli_init();
$db->real_connect('localhost', 'root', '', '', 0, getenv('WP_SOCKET')) or exit(1);
$db->query('CREATE DATABASE IF NOT EXISTS wp CHARACTER SET utf8mb4') or exit(1);

$config = "<?php\n";
foreach ([
    'DB_NAME' => 'wp', 'DB_USER' => 'root', 'DB_PASSWORD' => '', 'DB_HOST' => 'localhost:' . getenv('WP_SOCKET'), 'DB_CHARSET' => 'utf8mb4',
    'WP_HOME' => getenv('WP_URL'), 'WP_SITEURL' => getenv('WP_URL'), 'WP_ENVIRONMENT_TYPE' => 'local', 'DISABLE_WP_CRON' => true,
    'WP_HTTP_BLOCK_EXTERNAL' => true, 'WP_ACCESSIBLE_HOSTS' => '127.0.0.1,localhost', 'AUTOMATIC_UPDATER_DISABLED' => true, 'WP_DEBUG' => false,
] as $name => $value) {
    $config .= 'define(' . var_export($name, true) . ', ' . var_export($value, true) . ");\n";
}
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT'] as $name) {
    $config .= "define('$name', '" . bin2hex(random_bytes(32)) . "');\n";
}
$config .= "\$table_prefix = 'wp_';\nif (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');\nrequire_once ABSPATH . 'wp-settings.php';\n";
file_put_contents("$folder/wp-config.php", $config);
@mkdir("$folder/wp-content/mu-plugins", 0755, true);
copy(__DIR__ . '/wordpress-plugin.php', "$folder/wp-content/mu-plugins/ponte-tests.php");

define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = parse_url(getenv('WP_URL'), PHP_URL_HOST) . ':' . parse_url(getenv('WP_URL'), PHP_URL_PORT);
$_SERVER['REQUEST_URI'] = '/';
require "$folder/wp-load.php";
require_once "$folder/wp-admin/includes/upgrade.php";
// The installer would ask itself over http whether readable addresses work, and write a letter.
add_filter('pre_http_request', fn() => new WP_Error('tests', 'no calls while installing'));
add_filter('pre_wp_mail', '__return_true');
wp_install('Bottega di prova', 'admin', 'admin@example.org', true, '', getenv('WP_PASSWORD'));
foreach ([
    'permalink_structure' => '/%postname%/', 'comment_moderation' => 0, 'comment_previously_approved' => 0, 'comments_notify' => 0,
    'moderation_notify' => 0, 'default_pingback_flag' => 1, 'timezone_string' => 'Europe/Rome', 'show_avatars' => 1,
] as $name => $value) {
    update_option($name, $value);
}
$made = [];
foreach (['ponte' => 'editor', 'autrice' => 'author'] as $name => $role) {
    $id = wp_insert_user(['user_login' => $name, 'user_pass' => getenv('WP_PASSWORD'), 'user_email' => "$name@example.org", 'role' => $role, 'display_name' => ucfirst($name)]);
    $made[$name] = WP_Application_Passwords::create_new_application_password($id, ['name' => 'Ponte'])[0];
}
echo json_encode($made);
