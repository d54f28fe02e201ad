// Command ponte is the social desk of a small company in one program.
package main

import (
	"context"
	"os"

	"github.com/ponte-desk/ponte/internal/cli"
)

func main() {
	os.Exit(cli.Run(context.Background(), os.Args[1:], cli.System()))
}
