package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// wordpressFolder is where Debian keeps WordPress.
const wordpressFolder = "/usr/share/wordpress"

// findWordpress says what a WordPress of the tests needs and is not there.
func findWordpress() error {
	for _, program := range []string{"mariadbd", "mariadb-install-db", "php"} {
		if _, err := lookWide(program); err != nil {
			return fmt.Errorf("%s is not installed: run script/setup", program)
		}
	}
	if _, err := os.Stat(filepath.Join(wordpressFolder, "wp-load.php")); err != nil {
		return errors.New("wordpress is not installed: run script/setup")
	}
	return nil
}

// lookWide finds a program also where only root looks.
func lookWide(program string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	return exec.LookPath("/usr/sbin/" + program)
}

// startWordpress makes a database and a WordPress of its own. Durability is off: the data lives as long as the run.
func (h *house) startWordpress(ctx context.Context) error {
	socket, err := h.startMariaDB(ctx)
	if err != nil {
		return err
	}
	site := filepath.Join(h.dir, "wordpress")
	if out, err := exec.CommandContext(ctx, "cp", "-rL", wordpressFolder, site).CombinedOutput(); err != nil {
		if _, there := os.Stat(filepath.Join(site, "wp-load.php")); there != nil {
			return fmt.Errorf("copying WordPress: %w\n%s", err, out)
		}
	}
	_ = os.Remove(filepath.Join(site, "wp-config.php")) // Debian's own
	port, err := h.port()
	if err != nil {
		return err
	}
	url := fmt.Sprintf("http://localhost:%d", port)
	scripts := filepath.Join(h.opts.root, "test/servers")
	install := exec.CommandContext(ctx, "php", filepath.Join(scripts, "wordpress-install.php"))
	install.Env = append(os.Environ(), "WP="+site, "WP_SOCKET="+socket, "WP_URL="+url, "WP_PASSWORD="+h.password)
	var said strings.Builder
	install.Stderr = &said
	out, err := install.Output()
	var passwords map[string]string
	if err == nil {
		// A word that PHP has about itself may stand in front.
		err = json.Unmarshal(out[max(strings.LastIndexByte(string(out), '{'), 0):], &passwords)
	}
	if err != nil || passwords["ponte"] == "" {
		return fmt.Errorf("installing WordPress: %w\n%s%s", errors.Join(err, ctx.Err()), out, said.String())
	}
	cmd := exec.Command("php", "-d", "upload_max_filesize=32M", "-d", "post_max_size=40M", "-d", "display_errors=0",
		"-S", "127.0.0.1:"+strconv.Itoa(port), "-t", site, filepath.Join(scripts, "wordpress-router.php"))
	cmd.Dir = site
	cmd.Env = append(os.Environ(), "PHP_CLI_SERVER_WORKERS=4")
	php, err := h.add("wordpress", syscall.SIGTERM, cmd)
	if err != nil {
		return err
	}
	if err := php.waitUntil(ctx, 60*time.Second, func(ctx context.Context) error { return get(ctx, url+"/wp-json/") }); err != nil {
		return err
	}
	h.export("PONTE_TEST_WORDPRESS", url)
	h.export("PONTE_TEST_WORDPRESS_PASSWORD", passwords["ponte"])
	h.export("PONTE_TEST_WORDPRESS_AUTHOR", passwords["autrice"])
	return nil
}

// startMariaDB returns the socket of a database without passwords, in a folder that only we may enter.
func (h *house) startMariaDB(ctx context.Context) (string, error) {
	dir := filepath.Join(h.dir, "mariadb")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	if err := h.account.own(dir); err != nil {
		return "", err
	}
	data, socket := filepath.Join(dir, "data"), filepath.Join(dir, "sock")
	make, err := lookWide("mariadb-install-db")
	if err != nil {
		return "", err
	}
	setup := h.account.command(ctx, make, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db")
	setup.Dir = dir
	if out, err := setup.CombinedOutput(); err != nil {
		return "", fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	program, err := lookWide("mariadbd")
	if err != nil {
		return "", err
	}
	cmd := h.account.command(context.Background(), program, "--no-defaults", "--datadir="+data, "--skip-networking", "--socket="+socket,
		"--innodb-flush-log-at-trx-commit=0", "--skip-log-bin", "--pid-file="+filepath.Join(dir, "pid"))
	cmd.Dir = dir
	db, err := h.add("mariadb", syscall.SIGTERM, cmd)
	if err != nil {
		return "", err
	}
	return socket, db.waitUntil(ctx, 60*time.Second, func(context.Context) error {
		_, err := os.Stat(socket)
		return err
	})
}
