/** Version of the workspace this was built from. */
declare const __STARBOARD_VERSION__: string
