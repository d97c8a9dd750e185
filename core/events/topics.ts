/** The three event topics, in the order of every table and report, and the app's own. */
export const eventTopics = ['retail-transactions', 'customer-events', 'inventory-updates'] as const
export type EventTopic = (typeof eventTopics)[number]

export const salesTopic = 'retail-transactions' as const satisfies EventTopic
/** Local only: each record names a late or quarantined record that is to count after all. */
export const readmissionTopic = 'storepulse-readmissions'

export type Topic = EventTopic | typeof readmissionTopic

export const isEventTopic = (name: string): name is EventTopic => eventTopics.some((topic) => topic === name)
