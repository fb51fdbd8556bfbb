package corpus

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// packages of Debian 12 that have many messages, in sentences rather than names.
func packages() []string {
	return []string{
		"apt", "aptitude-common", "bash", "binutils-common", "coreutils", "debconf-i18n", "diffutils", "dpkg",
		"findutils", "gedit-common", "gettext", "git", "gnome-control-center-data",
		"gnupg-l10n", "libapt-pkg6.0", "libdpkg-perl", "libgtk-3-common", "nautilus-data", "sed", "tar",
		"util-linux-locales", "wget",
	}
}

// edition is the name of the folder in the cache; another list of packages or of
// languages needs another.
const edition = "corpus-1"

// cached returns the folder of the corpus in the user's cache, and makes it first
// when it is not there.
func cached(ctx context.Context, progress io.Writer) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	parent := filepath.Join(cache, "dragoman")
	dir := filepath.Join(parent, edition)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	for _, tool := range []string{"apt-get", "apt-cache", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", fmt.Errorf("the texts come out of Debian's packages, and %s is not here; "+
				"set %s to a folder of .mo files instead, such as /usr/share/locale", tool, Folder)
		}
	}
	const mode = 0o755
	if err := os.MkdirAll(parent, mode); err != nil {
		return "", err
	}
	// Made apart and renamed when it is whole: an interrupted run leaves nothing half
	// done, and two at once do not meet.
	work, err := os.MkdirTemp(parent, edition+"-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(work) }() // of a folder that was renamed nothing is left
	if err := download(ctx, work, progress); err != nil {
		return "", err
	}
	debs, err := filepath.Glob(filepath.Join(work, "*.deb"))
	if err != nil {
		return "", err
	}
	for _, deb := range debs {
		_, _ = fmt.Fprintf(progress, "  reading the translations of %s\n", filepath.Base(deb))
		name, _, _ := strings.Cut(filepath.Base(deb), "_")
		if err := unpack(ctx, deb, filepath.Join(work, "all", name)); err != nil {
			return "", fmt.Errorf("read %s: %w", filepath.Base(deb), err)
		}
	}
	err = os.Rename(filepath.Join(work, "all"), dir)
	if errors.Is(err, fs.ErrExist) || isThere(dir) {
		return dir, nil // another run was first
	}
	return dir, err
}

func isThere(dir string) bool {
	_, err := os.Stat(dir)
	return err == nil
}

// download puts the packages that the archive offers into a folder. apt-get checks
// each against the signed lists.
func download(ctx context.Context, dir string, progress io.Writer) error {
	known := offered(ctx)
	if len(known) == 0 {
		_, _ = fmt.Fprintln(progress, "  updating the lists of packages")
		_ = apt(ctx, dir, "update") // as root alone; what is missing then is said below
		known = offered(ctx)
	}
	if !slices.Contains(known, "coreutils") || !slices.Contains(known, "git") {
		return errors.New("apt-get does not offer the packages that the texts come out of; run sudo apt-get update")
	}
	_, _ = fmt.Fprintf(progress, "  downloading %d of Debian's packages (about 40 MB, once)\n", len(known))
	return apt(ctx, dir, append([]string{"download"}, known...)...)
}

// offered returns those of the packages that the lists of the archive have.
func offered(ctx context.Context) []string {
	// It fails when one is missing, and prints the others.
	out, _ := exec.CommandContext(ctx, "apt-cache", append([]string{"--no-all-versions", "show"}, packages()...)...).Output()
	var known []string
	for line := range strings.Lines(string(out)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "Package: "); ok {
			known = append(known, name)
		}
	}
	return known
}

func apt(ctx context.Context, dir string, args ...string) error {
	// Its own user could not write to a folder of ours.
	cmd := exec.CommandContext(ctx, "apt-get", append([]string{"-q", "-o", "APT::Sandbox::User=root"}, args...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("apt-get %s: %w: %s", args[0], err, lines[len(lines)-1])
	}
	return nil
}

// unpack writes the catalogues of a package below a folder.
func unpack(ctx context.Context, deb, dir string) error {
	cmd := exec.CommandContext(ctx, "dpkg-deb", "--fsys-tarfile", deb)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	err = extract(tar.NewReader(pipe), dir)
	_, _ = io.Copy(io.Discard, pipe) // so that it can end
	return errors.Join(err, cmd.Wait())
}

func extract(archive *tar.Reader, dir string) error {
	wanted := map[string]bool{}
	for _, locale := range locales() {
		wanted[locale] = true
	}
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		locale := localeOf(filepath.FromSlash(header.Name))
		if header.Typeflag != tar.TypeReg || !wanted[locale] || path.Ext(header.Name) != ".mo" {
			continue
		}
		if err := write(archive, filepath.Join(dir, locale, "LC_MESSAGES", path.Base(header.Name))); err != nil {
			return err
		}
	}
}

// mostBytes of a catalogue; the largest has one or two million.
const mostBytes = 50_000_000

func write(from io.Reader, name string) error {
	const mode = 0o755
	if err := os.MkdirAll(filepath.Dir(name), mode); err != nil {
		return err
	}
	file, err := os.Create(name) //nolint:gosec // its last part is a base name, the rest is ours
	if err != nil {
		return err
	}
	_, err = io.Copy(file, io.LimitReader(from, mostBytes))
	return errors.Join(err, file.Close())
}
