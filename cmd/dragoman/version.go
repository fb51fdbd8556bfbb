package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				info = &debug.BuildInfo{GoVersion: runtime.Version()}
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), versionLine(info, runtime.GOOS+"/"+runtime.GOARCH))
			return err
		},
	}
}

// versionLine describes a build by what the go command wrote into it. A build
// without version control has neither version nor commit.
func versionLine(info *debug.BuildInfo, platform string) string {
	version, commit, changed := info.Main.Version, "unknown commit", ""
	if version == "" || version == "(devel)" {
		version = "development build"
	}
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			commit = "commit " + setting.Value[:min(12, len(setting.Value))]
		case setting.Key == "vcs.modified" && setting.Value == "true":
			changed = " with changes"
		}
	}
	return fmt.Sprintf("dragoman %s (%s%s, %s, %s)", version, commit, changed, info.GoVersion, platform)
}
