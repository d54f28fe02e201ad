package cli_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/cli"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"ponte": func() { os.Exit(cli.Run(context.Background(), os.Args[1:], cli.System())) },
		"found": func() {
			if err := found(os.Args[1]); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		},
	})
}

// found founds a company in a data folder.
func found(dir string) error {
	ctx := context.Background()
	a, err := app.New(ctx, config.Config{Data: dir, SMTPTLS: "starttls", LogLevel: "info"}, app.Deps{Signin: apptest.Cheap(), Careless: true})
	if err != nil {
		return err
	}
	setup, err := a.Signin.OpenSetup(ctx)
	if err == nil {
		_, err = a.Signin.Found(ctx, signin.FoundIn{
			FoundIn:  team.FoundIn{Name: "Ceramiche Arno", OwnerName: "Olga Arno", OwnerEmail: apptest.OwnerEmail},
			Password: apptest.Password, Setup: setup,
		})
	}
	if err != nil {
		return err
	}
	return a.Stop(ctx)
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("LANG", "en_GB.UTF-8")
			e.Setenv("TMPDIR", e.WorkDir)
			return nil
		},
		Condition: func(c string) (bool, error) {
			if c == "root" {
				return os.Getuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", c)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"port":  port,
			"take":  take,
			"await": await,
			"newer": newer,
			"write": writeRecord,
			"site":  site,

			"picture": picture,
		},
	})
}

// port NAME puts the number of a free port into a variable.
func port(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	_, number, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Check(l.Close())
	ts.Setenv(args[0], number)
}

// take NAME listens on a port until the end of the script.
func take(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
	_, number, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Setenv(args[0], number)
}

// await URL waits until an address answers with 200.
func await(ts *testscript.TestScript, _ bool, args []string) {
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		res, err := http.Get(args[0])
		if err != nil {
			continue
		}
		_ = res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return
		}
	}
	ts.Fatalf("%s does not answer", args[0])
}

// newer DIR makes a database look as if a newer Ponte had written it.
func newer(ts *testscript.TestScript, _ bool, args []string) {
	s, err := store.Open(context.Background(), store.Options{Dir: ts.MkAbs(args[0])})
	ts.Check(err)
	defer func() { ts.Check(s.Close()) }()
	_, err = s.WriteDB().Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)")
	ts.Check(err)
}

// picture NAME WIDTH HEIGHT makes a picture; one that is called .gif moves.
func picture(ts *testscript.TestScript, _ bool, args []string) {
	w, err := strconv.Atoi(args[1])
	ts.Check(err)
	h, err := strconv.Atoi(args[2])
	ts.Check(err)
	img := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.Black, color.White})
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer func() { ts.Check(f.Close()) }()
	if filepath.Ext(args[0]) == ".gif" {
		ts.Check(gif.EncodeAll(f, &gif.GIF{Image: []*image.Paletted{img, img}, Delay: []int{10, 10}}))
		return
	}
	ts.Check(png.Encode(f, img))
}
